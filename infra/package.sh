#!/usr/bin/env bash
# Builds every function as it is shipped: target/lambda/<name>/bootstrap.zip.
#   ARCH  x86_64 (default) or arm64
set -euo pipefail
cd "$(dirname "$0")/.."

out=$PWD/target/lambda
# The C library of the provided.al2023 runtime; a binary that wants a newer one dies at start.
runtime_glibc=2.34
zip_budget=$((5 * 1024 * 1024))

arch=${ARCH:-x86_64}
case $arch in
  x86_64) machine=x86_64 other=() ;;
  arm64) machine=aarch64 other=(--arm64) ;;
  *) echo "package: ARCH is x86_64 or arm64, not $arch" >&2; exit 2 ;;
esac
# The machine's own compiler builds for the machine; another one takes zig for linker and C compiler.
if [[ $(uname -m) == "$machine" ]]; then
  how=(--compiler cargo)
else
  how=(--compiler cargo-zigbuild "${other[@]}")
  export ARGUS_CARGO_LAMBDA_ZIG=1
fi

functions=()
for manifest in functions/*/Cargo.toml; do
  functions+=("$(basename "$(dirname "$manifest")")")
done

# What an older build left must not be shipped. Not the whole folder: cargo keeps its own files of
# the profile "lambda" in the same place.
rm -rf "${functions[@]/#/$out/}"
# All functions in one call: another selection of packages is another set of features, and that
# compiles the dependencies again. cargo-lambda refuses --target-dir; CARGO_TARGET_DIR works.
infra/cargo-lambda.sh build --locked "${how[@]}" --profile lambda \
  --output-format zip --lambda-dir "$out" "${functions[@]/#/--package=}"

failed=0
for name in "${functions[@]}"; do
  zip=$out/$name/bootstrap.zip
  [[ -f $zip ]] || { echo "package: $name has no $zip" >&2; exit 1; }
  scratch=$(mktemp)
  # Packed again without times: the same binary makes the same zip, so a deployment uploads only what changed.
  python3 infra/pack.py "$zip" "$scratch"
  newest=$(objdump -T "$scratch" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -1)
  rm -f "$scratch"
  bytes=$(stat -c %s "$zip")
  echo "$name: $bytes bytes, $newest"
  if [[ $(printf '%s\n' "GLIBC_$runtime_glibc" "$newest" | sort -V | tail -1) != "GLIBC_$runtime_glibc" ]]; then
    echo "package: $name needs $newest, provided.al2023 has $runtime_glibc: build on an older system" >&2
    failed=1
  fi
  if ((bytes > zip_budget)); then
    echo "package: $name is over the budget of $zip_budget bytes" >&2
    failed=1
  fi
done
exit $failed
