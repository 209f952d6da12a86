#!/usr/bin/env bash
# Measures the release build; cold starts too when `make lambda` has made the zips.
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
cargo run --release --locked -p argus-bench -- \
  --server "${CARGO_TARGET_DIR:-target}/release/argus-local" --lambdas "$scratch" "$@"
