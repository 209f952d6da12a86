#!/usr/bin/env bash
# Deploys the functions on an emulator and tests them there. Arguments go to pytest.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

venv=${XDG_CACHE_HOME:-$HOME/.cache}/argus/lambda-tests
stamp=$venv/requirements.txt
if ! cmp -s "$here/requirements.txt" "$stamp"; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$stamp"
fi

# A hard stop: children follow their parent into death (rig/children.py), so nothing stays behind.
cd "$here"
PATH=$venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 exec timeout --kill-after=10 1200 \
  "$venv/bin/python" -m pytest -p no:cacheprovider "$@"
