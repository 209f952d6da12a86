#!/usr/bin/env bash
# Runs cargo-lambda from a private virtual environment: cargo-lambda.sh build|watch|... ARGS
# The environment is made at the first use. Without its dependencies (zig) it is 35 MB, not 471.
set -euo pipefail

version=1.9.2
home=${XDG_CACHE_HOME:-$HOME/.cache}/argus/cargo-lambda-$version

if [[ ! -x $home/bin/cargo-lambda ]]; then
  rm -rf "$home"
  python3 -m venv "$home" >&2
  "$home/bin/pip" install --quiet --disable-pip-version-check --no-deps "cargo-lambda==$version" >&2
fi
exec "$home/bin/cargo-lambda" lambda "$@"
