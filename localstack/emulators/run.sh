#!/usr/bin/env bash
# `make emulator`: starts one, deploys, asks it, and keeps it until Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")"
./up.sh
trap ./down.sh EXIT
./deploy.sh
echo "Ctrl-C ends it and everything on it"
sleep infinity
