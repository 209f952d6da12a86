#!/usr/bin/env bash
# Removes a copy: STAGE=dev destroy.sh. Table, bucket and keys stay unless DATA=delete says otherwise.
#   YES   set to the name of the stage to be asked nothing
set -euo pipefail

: "${STAGE:?set STAGE, for example STAGE=dev}"
stack=argus-$STAGE
output() {
  aws cloudformation describe-stacks --stack-name "$stack" \
    --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" --output text
}
table=$(output TableName)
bucket=$(output BucketName)
site=$(output SiteBucketName)

what="stack $stack"
[[ ${DATA:-} != delete ]] || what+=", its table $table and everything in $bucket, for good"
if [[ ${YES:-} != "$STAGE" ]]; then
  read -r -p "Remove $what? Type the name of the stage: " answer
  [[ $answer == "$STAGE" ]] || { echo "destroy: nothing was removed" >&2; exit 1; }
fi

[[ -z $site || $site == None ]] || aws s3 rm "s3://$site" --recursive --only-show-errors
aws cloudformation delete-stack --stack-name "$stack"
aws cloudformation wait stack-delete-complete --stack-name "$stack"
if aws cloudformation describe-stacks --region us-east-1 --stack-name "$stack-waf" >/dev/null 2>&1; then
  aws cloudformation delete-stack --region us-east-1 --stack-name "$stack-waf"
fi

if [[ ${DATA:-} != delete ]]; then
  echo "kept: table $table, bucket $bucket, keys /argus/$STAGE/*; DATA=delete removes them too"
  exit
fi
aws dynamodb delete-table --table-name "$table" >/dev/null
# A versioned bucket is empty when no version and no delete marker is left.
while :; do
  batch=$(aws s3api list-object-versions --bucket "$bucket" --max-items 500 --output json |
    python3 -c 'import json, sys
found = json.load(sys.stdin)
both = (found.get("Versions") or []) + (found.get("DeleteMarkers") or [])
print(json.dumps({"Objects": [{"Key": o["Key"], "VersionId": o["VersionId"]} for o in both], "Quiet": True}) if both else "")')
  [[ -n $batch ]] || break
  aws s3api delete-objects --bucket "$bucket" --delete "$batch" >/dev/null
done
aws s3 rb "s3://$bucket" >/dev/null
for name in jwt-secret config-key door-secret; do
  aws ssm delete-parameter --name "/argus/$STAGE/$name" >/dev/null 2>&1 || true
done
echo "removed: $what"
