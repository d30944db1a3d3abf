#!/usr/bin/env bash
# Makes the place where Terraform keeps its state, once for each account: a bucket that keeps every version and a table for
# the lock. Writes backend.tf, which terraform init then finds. Running it again changes nothing.
#
#   infrastructure/terraform/bootstrap.sh [REGION]      default: AWS_REGION, else us-east-1
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

case ${1:-} in
  -h | --help) sed -n '2,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 0 ;;
esac
region=${1:-${AWS_REGION:-us-east-1}}
export AWS_DEFAULT_REGION=$region AWS_REGION=$region AWS_PAGER=

account=$(aws sts get-caller-identity --query Account --output text)
bucket=retell-terraform-state-$account
table=retell-terraform-lock
echo "Account $account, region $region"

if aws s3api head-bucket --bucket "$bucket" 2>/dev/null; then
  echo "bucket $bucket is there"
else
  # us-east-1 is the one region that must not be named.
  location=()
  if [[ $region != us-east-1 ]]; then location=(--create-bucket-configuration "LocationConstraint=$region"); fi
  aws s3api create-bucket --bucket "$bucket" "${location[@]}" >/dev/null
  echo "bucket $bucket made"
fi
# The state holds every attribute of every resource: nobody's to read, and never lost to one bad write.
aws s3api put-bucket-versioning --bucket "$bucket" --versioning-configuration Status=Enabled
aws s3api put-bucket-encryption --bucket "$bucket" --server-side-encryption-configuration \
  '{"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": true}]}'
aws s3api put-public-access-block --bucket "$bucket" --public-access-block-configuration \
  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
aws s3api put-bucket-policy --bucket "$bucket" --policy "{
  \"Version\": \"2012-10-17\",
  \"Statement\": [{
    \"Sid\": \"TlsOnly\", \"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:*\",
    \"Resource\": [\"arn:aws:s3:::$bucket\", \"arn:aws:s3:::$bucket/*\"],
    \"Condition\": {\"Bool\": {\"aws:SecureTransport\": \"false\"}}
  }]
}"

if aws dynamodb describe-table --table-name "$table" >/dev/null 2>&1; then
  echo "table $table is there"
else
  aws dynamodb create-table --table-name "$table" --billing-mode PAY_PER_REQUEST \
    --attribute-definitions AttributeName=LockID,AttributeType=S --key-schema AttributeName=LockID,KeyType=HASH >/dev/null
  aws dynamodb wait table-exists --table-name "$table"
  echo "table $table made"
fi

cat >backend.tf <<END
# Written by bootstrap.sh. Each workspace has a state of its own: default is production.
terraform {
  backend "s3" {
    bucket         = "$bucket"
    key            = "retell.tfstate"
    region         = "$region"
    dynamodb_table = "$table"
    encrypt        = true
  }
}
END
echo "backend.tf written. Next: terraform init"
