#!/usr/bin/env bash
# Deploys the very template of AWS on the emulator, with the zips of `make lambda` and the web UI of
# `make build`, and asks it a few things.
set -euo pipefail
source "$(dirname "$0")/settings.sh"
tools
mkdir -p "$state"
# LocalStack has the real names behind its own port; ministack's front door finds the API by path.
own=EmulatorPort=$PORT
[[ -f $root/frontend/dist/index.html ]] || export SITE=
PARAMETERS="$own StreamMaxSeconds=5 MailIdentity=mail.example.org MailFrom=argus@mail.example.org ${PARAMETERS:-}" \
  "$root/infra/deploy.sh" | tee "$state/outputs"
