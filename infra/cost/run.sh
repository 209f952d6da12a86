#!/usr/bin/env bash
# `make cost`: measures what every deed asks of the table, then writes COST.md. COST=keep takes the last measurement.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [[ ${COST:-} != keep ]]; then
  # The whole workspace: what other targets built is then built already.
  cargo build --workspace --bins --locked
  "${CARGO_TARGET_DIR:-target}/debug/argus-bench" --cost infra/cost/measured.json
fi
python3 infra/cost/model.py
echo "infra/COST.md"
