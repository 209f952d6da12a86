#!/usr/bin/env bash
# `make fuzz`: schemathesis over our OpenAPI document. Needs PyPI once.
set -euo pipefail
cd "$(dirname "$0")"
venv=${XDG_CACHE_HOME:-$HOME/.cache}/argus/schemathesis-4.32.5
[[ -x $venv/bin/schemathesis ]] || {
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check schemathesis==4.32.5
}
PATH=$venv/bin:$PATH exec timeout 1800 python3 fuzz.py ../contract/openapi.json "$@"
