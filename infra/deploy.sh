#!/usr/bin/env bash
# Deploys template.yaml with the zips that package.sh made. Needs the AWS CLI and credentials.
#   STAGE            name of the copy (required)
#   ARGUS_JWT_SECRET session key; made at the first deployment, kept by later ones
#   ARGUS_BASE_URL   public address of the web UI
#   PARAMETERS       further template parameters, "Name=value Name=value"
#   ARTIFACT_BUCKET  where the zips go; made when absent
#   TEMPLATE         template to deploy; its CodeUri paths are relative to it
#   AWS_ENDPOINT_URL an emulator instead of AWS
set -euo pipefail

: "${STAGE:?set STAGE, for example STAGE=prod}"
template=${TEMPLATE:-$(dirname "$0")/template.yaml}
stack=argus-$STAGE
for zip in $(grep -o '[^ ]*/bootstrap\.zip' "$template"); do
  [[ -f $(dirname "$template")/$zip ]] || { echo "deploy: no $zip, run make lambda first" >&2; exit 1; }
done
umask 077
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

bucket=${ARTIFACT_BUCKET:-}
if [[ -z $bucket ]]; then
  account=$(aws sts get-caller-identity --query Account --output text)
  region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || true)}}
  : "${region:?set AWS_REGION}"
  bucket=argus-artifacts-$account-$region
fi
if ! aws s3api head-bucket --bucket "$bucket" >/dev/null 2>&1; then
  aws s3 mb "s3://$bucket"
  aws s3api put-public-access-block --bucket "$bucket" --public-access-block-configuration \
    BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
fi

secret=${ARGUS_JWT_SECRET:-}
if [[ -z $secret ]] && ! aws cloudformation describe-stacks --stack-name "$stack" >/dev/null 2>"$scratch/refusal"; then
  # Any other refusal must not end in a new key, which would log everybody out.
  grep -q "does not exist" "$scratch/refusal" || { cat "$scratch/refusal" >&2; exit 1; }
  secret=$(head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \n')
fi

# Through a file: arguments of a process are readable by everybody on the machine. What is not
# named keeps the value of the last deployment.
SECRET=$secret python3 - "Stage=$STAGE" "BaseUrl=${ARGUS_BASE_URL:-}" ${PARAMETERS:-} >"$scratch/parameters.json" <<'PY'
import json, os, sys
pairs = sys.argv[1:] + ["JwtSecret=" + os.environ["SECRET"]]
print(json.dumps([pair for pair in pairs if not pair.endswith("=")]))
PY

aws cloudformation package --template-file "$template" --s3-bucket "$bucket" \
  --s3-prefix "argus/$STAGE" --output-template-file "$scratch/packaged.yaml" >/dev/null
aws cloudformation deploy --template-file "$scratch/packaged.yaml" --stack-name "$stack" \
  --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset \
  --parameter-overrides "file://$scratch/parameters.json"
aws cloudformation describe-stacks --stack-name "$stack" \
  --query 'Stacks[0].Outputs[].[OutputKey,OutputValue]' --output text
