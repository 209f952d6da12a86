#!/usr/bin/env bash
# Measures the release build: all sections, or those named (ingest live reads scale spill cold).
# Cold starts only when `make lambda` has made the zips.
set -euo pipefail
cd "$(dirname "$0")/../.."

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
release=${CARGO_TARGET_DIR:-target}/release
"$release/argus-bench" --server "$release/argus-local" --lambdas "$scratch" "$@"
