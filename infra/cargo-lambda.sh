#!/usr/bin/env bash
# Runs cargo-lambda from a private virtual environment: cargo-lambda.sh build|watch|... ARGS
# The environment is made at the first use. Without its dependencies (zig) it is 35 MB, not 471;
# ARGUS_CARGO_LAMBDA_ZIG=1 takes them too, to build for another processor.
set -euo pipefail

version=1.9.2
home=${XDG_CACHE_HOME:-$HOME/.cache}/argus/cargo-lambda-$version
deps=(--no-deps)
if [[ -n ${ARGUS_CARGO_LAMBDA_ZIG:-} ]]; then
  home+=-zig
  deps=()
  export PATH=$home/bin:$PATH
fi

if [[ ! -x $home/bin/cargo-lambda ]]; then
  rm -rf "$home"
  python3 -m venv "$home" >&2
  "$home/bin/pip" install --quiet --disable-pip-version-check "${deps[@]}" "cargo-lambda==$version" >&2
fi
exec "$home/bin/cargo-lambda" lambda "$@"
