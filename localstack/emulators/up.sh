#!/usr/bin/env bash
# Starts an emulator and waits until it answers; settings.sh says which.
set -euo pipefail
source "$(dirname "$0")/settings.sh"

answers() { curl -fsS -o /dev/null --max-time 2 "$AWS_ENDPOINT_URL$health" 2>/dev/null; }
if answers; then
  echo "up: something answers at $AWS_ENDPOINT_URL already"
  exit
fi
if [[ $KIND == process ]]; then
  tools
  mkdir -p "$state"
  # Functions inherit the emulator's whole environment: it gets next to none.
  env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$state" TMPDIR="$state" GATEWAY_PORT="$PORT" BIND_HOST=127.0.0.1 \
    MINISTACK_HOST=localhost MINISTACK_REGION="$AWS_REGION" AWS_ENDPOINT_URL="$AWS_ENDPOINT_URL" AUTH=true \
    IOT_MTLS_ENABLED=0 setsid "$venv/bin/ministack" >"$state/log" 2>&1 </dev/null &
  echo $! >"$state/pid"
else
  docker compose -p "argus-$KIND" -f "$here/compose.$KIND.yaml" up -d
fi
for _ in $(seq 120); do
  if answers; then
    echo "up: $KIND at $AWS_ENDPOINT_URL"
    exit
  fi
  sleep 0.5
done
echo "up: $KIND does not answer" >&2
[[ $KIND != process ]] || tail -20 "$state/log" >&2
exit 1
