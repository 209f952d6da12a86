#!/usr/bin/env bash
# Stops the emulator; everything on it is gone.
set -euo pipefail
source "$(dirname "$0")/settings.sh"
if [[ $KIND != process ]]; then
  docker compose -p "argus-$KIND" -f "$here/compose.$KIND.yaml" down --volumes
elif [[ -f $state/pid ]]; then
  # A group of its own: the functions it started end with it.
  kill -TERM -- "-$(cat "$state/pid")" 2>/dev/null || true
  rm -rf "$state"
fi
