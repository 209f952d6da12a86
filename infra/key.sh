#!/usr/bin/env bash
# Prints a key of a stage, key.sh STAGE NAME; made at the first call, kept in the parameter store.
# With --new another one takes its place; `make deploy` hands it out.
set -euo pipefail

stage=${1:?stage} name=${2:?name of the key}
path=/argus/$stage/$name
refusal=$(mktemp)
trap 'rm -f "$refusal"' EXIT

if [[ ${3:-} != --new ]]; then
  if aws ssm get-parameter --name "$path" --with-decryption --query Parameter.Value --output text 2>"$refusal"; then
    exit
  fi
  # Any other refusal must not end in a new key: the session key's would log everybody out, the
  # config key's would lose every sealed secret.
  grep -q ParameterNotFound "$refusal" || { cat "$refusal" >&2; exit 1; }
fi
key=$(head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \n')
# By way of a file: arguments can be read by everybody on the machine.
request=$(mktemp)
trap 'rm -f "$refusal" "$request"' EXIT
chmod 600 "$request"
printf '{"Name":"%s","Type":"SecureString","Value":"%s","Overwrite":%s}' "$path" "$key" \
  "$([[ ${3:-} == --new ]] && echo true || echo false)" >"$request"
aws ssm put-parameter --cli-input-json "file://$request" >/dev/null
echo "$key"
