#!/usr/bin/env bash
# Deploys template.yaml with the zips of package.sh and the web UI of frontend/dist. Needs the AWS CLI,
# credentials and Python 3.11.
#   STAGE            name of the copy (required); params/$STAGE.toml holds its settings
#   ARCH             processor the zips were built for: x86_64 (default) or arm64
#   ARGUS_JWT_SECRET session key instead of the one in the parameter store
#   ARGUS_BASE_URL   public address of the web UI, when it is none the template knows
#   PARAMETERS       further template parameters, "Name=value Name=value"
#   ARTIFACT_BUCKET  where the zips go; made when absent
#   SITE             folder of the web UI; empty means none is uploaded
#   TEMPLATE         template to deploy; its CodeUri paths are relative to it
#   AWS_ENDPOINT_URL an emulator instead of AWS
set -euo pipefail

: "${STAGE:?set STAGE, for example STAGE=prod}"
here=$(cd "$(dirname "$0")" && pwd)
template=${TEMPLATE:-$here/template.yaml}
site=${SITE-$here/../frontend/dist}
stack=argus-$STAGE
params=$here/params/$STAGE.toml
for zip in $(grep -o '[^ ]*/bootstrap\.zip' "$template"); do
  [[ -f $(dirname "$template")/$zip ]] || { echo "deploy: no $zip, run make lambda first" >&2; exit 1; }
done
if [[ -n $site && ! -f $site/index.html ]]; then
  echo "deploy: no $site/index.html, run make build first, or set SITE= to upload none" >&2
  exit 1
fi
umask 077
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || true)}}
: "${region:?set AWS_REGION}"
bucket=${ARTIFACT_BUCKET:-}
if [[ -z $bucket ]]; then
  account=$(aws sts get-caller-identity --query Account --output text)
  bucket=argus-artifacts-$account-$region
fi
if ! aws s3api head-bucket --bucket "$bucket" >/dev/null 2>&1; then
  aws s3 mb "s3://$bucket" >&2
  aws s3api put-public-access-block --bucket "$bucket" --public-access-block-configuration \
    BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
fi

# Variables of this process, so that no key is an argument of another.
KEY_JwtSecret=${ARGUS_JWT_SECRET:-$("$here/key.sh" "$STAGE" jwt-secret)}
KEY_ConfigKey=$("$here/key.sh" "$STAGE" config-key)
KEY_DoorSecret=$("$here/key.sh" "$STAGE" door-secret)
export KEY_JwtSecret KEY_ConfigKey KEY_DoorSecret

acl=
if [[ $(python3 "$here/params.py" "$params" --firewall) == true ]]; then
  # A firewall of CloudFront can only be made there, wherever the rest lives.
  aws cloudformation deploy --region us-east-1 --template-file "$here/waf.yaml" \
    --stack-name "$stack-waf" --parameter-overrides "Stage=$STAGE" --no-fail-on-empty-changeset >&2
  acl=$(aws cloudformation describe-stacks --region us-east-1 --stack-name "$stack-waf" \
    --query 'Stacks[0].Outputs[?OutputKey==`WebAclArn`].OutputValue' --output text)
fi
# shellcheck disable=SC2086 # PARAMETERS is a list of words
python3 "$here/params.py" "$params" "Stage=$STAGE" "Architecture=${ARCH:-x86_64}" "WebAclArn=$acl" \
  "BaseUrl=${ARGUS_BASE_URL:-}" ${PARAMETERS:-} >"$scratch/parameters.json"

aws cloudformation package --template-file "$template" --s3-bucket "$bucket" \
  --s3-prefix "argus/$STAGE" --output-template-file "$scratch/packaged.yaml" >/dev/null 2>"$scratch/upload" ||
  { cat "$scratch/upload" >&2; exit 1; }
# By way of the bucket: a template in the request itself may have 51,200 bytes.
aws cloudformation deploy --template-file "$scratch/packaged.yaml" --stack-name "$stack" \
  --s3-bucket "$bucket" --s3-prefix "argus/$STAGE" \
  --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset \
  --parameter-overrides "file://$scratch/parameters.json"
aws cloudformation describe-stacks --stack-name "$stack" \
  --query 'Stacks[0].Outputs[].[OutputKey,OutputValue]' --output text | tee "$scratch/outputs"

[[ -z $site ]] || "$here/site.sh" "$site" "$scratch/outputs"
python3 "$here/smoke.py" "$scratch/outputs" ${site:+--site}
