#!/usr/bin/env bash
# `make soak`: SOAK_SECONDS (default 600) of load and faults; further arguments go to soak.py.
set -euo pipefail
: "${ARGUS_LOCAL_BIN:?the server to test}"
limit=$((${SOAK_SECONDS:-600} + 900))
exec timeout --kill-after=10 "$limit" python3 "$(dirname "$0")/soak.py" --seconds "${SOAK_SECONDS:-600}" "$@"
