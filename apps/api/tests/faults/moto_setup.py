"""Makes a bucket and a user who may use it, and prints the user's keys. From then on moto checks signatures."""
import sys

import boto3

endpoint, bucket = sys.argv[1:]
common = {"endpoint_url": endpoint, "region_name": "us-east-1", "aws_access_key_id": "setup", "aws_secret_access_key": "setup"}
boto3.client("s3", **common).create_bucket(Bucket=bucket)
iam = boto3.client("iam", **common)
iam.create_user(UserName="retell")
iam.put_user_policy(
    UserName="retell",
    PolicyName="bucket",
    PolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}',
)
key = iam.create_access_key(UserName="retell")["AccessKey"]
print(key["AccessKeyId"], key["SecretAccessKey"])
