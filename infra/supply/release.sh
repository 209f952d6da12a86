#!/usr/bin/env bash
# Gathers what a release consists of, release.sh FOLDER: the program and the zips, named by processor.
set -euo pipefail
cd "$(dirname "$0")/../.."

out=${1:?folder} arch=${ARCH:-x86_64}
mkdir -p "$out"
# One time for everything, and names in order: the same binaries make the same archives.
pack() { tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - "$@" | gzip -n -9; }
pack -C "${CARGO_TARGET_DIR:-target}/release" argus-local >"$out/argus-local-$arch.tar.gz"
for zip in target/lambda/*/bootstrap.zip; do
  cp "$zip" "$out/$(basename "$(dirname "$zip")")-$arch.zip"
done
cp infra/template.yaml infra/waf.yaml "$out/"
