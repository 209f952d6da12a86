#!/usr/bin/env bash
# Uploads the web UI, site.sh FOLDER OUTPUTS; OUTPUTS is the file of stack outputs deploy.sh wrote.
set -euo pipefail

folder=${1:?folder of the web UI} outputs=${2:?file of stack outputs}
output() { awk -v key="$1" '$1 == key { print $2 }' "$outputs"; }
bucket=$(output SiteBucketName)
distribution=$(output DistributionId)
[[ -n $bucket ]] || { echo "site: this stack has no front door, so no web UI" >&2; exit 0; }

# What the page names comes before the page. Names under assets/ carry a hash of their content and
# never change; files of earlier builds stay for whoever has an older page open, for a month.
aws s3 sync "$folder/assets" "s3://$bucket/assets" --only-show-errors \
  --cache-control "public, max-age=31536000, immutable"
aws s3 sync "$folder" "s3://$bucket" --exclude "assets/*" --exclude index.html --delete --only-show-errors \
  --cache-control no-cache
aws s3 cp "$folder/index.html" "s3://$bucket/index.html" --only-show-errors \
  --cache-control no-cache --content-type "text/html; charset=utf-8"
# Everything but assets: a thousand paths a month are free, and "/*" counts as one.
aws cloudfront create-invalidation --distribution-id "$distribution" --paths "/*" \
  --query Invalidation.Id --output text
