#!/usr/bin/env bash
# Measures the release build: all sections, or those named (ingest live reads scale spill guardrails
# cold agent watchdog). Cold starts only when `make lambda` has made the zips.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Two sections are daemons', with benches of their own; the rest is argus-bench's, options included.
server=() daemons=()
for word in "$@"; do
  case $word in
    agent | watchdog) daemons+=("$word") ;;
    *) server+=("$word") ;;
  esac
done
(($#)) || daemons=(agent watchdog)
release=${CARGO_TARGET_DIR:-target}/release

if ((${#server[@]} || !$#)); then
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  for zip in target/lambda/*/bootstrap.zip; do
    [[ -f $zip ]] || continue
    folder=$scratch/$(basename "$(dirname "$zip")")
    python3 -m zipfile -e "$zip" "$folder"
    chmod +x "$folder/bootstrap"
  done
  # Together, so that what they share is compiled once.
  cargo build --release --locked -p argus-local -p argus-bench
  "$release/argus-bench" --server "$release/argus-local" --lambdas "$scratch" "${server[@]}"
fi

failed=0
for daemon in "${daemons[@]}"; do
  printf '\n## %s\n\n' "$daemon"
  case $daemon in
    agent)
      cargo build --release --locked -p argus-local -p argus-agent
      ARGUS_LOCAL_BIN=$release/argus-local ARGUS_AGENT_BIN=$release/argus-agent bash tests/bench/agent.sh || failed=1
      ;;
    watchdog) cargo bench --locked -p argus-watchdog || failed=1 ;;
  esac
done
exit $failed
