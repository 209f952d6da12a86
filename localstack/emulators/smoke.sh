#!/usr/bin/env bash
# Asks the deployed copy the few things infra/smoke.py asks after every deployment.
set -euo pipefail
source "$(dirname "$0")/settings.sh"
tools
mkdir -p "$state"
aws cloudformation describe-stacks --stack-name "argus-$STAGE" \
  --query 'Stacks[0].Outputs[].[OutputKey,OutputValue]' --output text >"$state/outputs"
python3 "$root/infra/smoke.py" "$state/outputs"
