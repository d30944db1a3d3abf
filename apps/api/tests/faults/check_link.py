"""Signs a presigned URL's request as AWS's own client does, at the same second, and says whether it is the same URL.

usage: check_link.py URL ACCESS_KEY SECRET_KEY
"""

import datetime
import sys
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

url, key, secret = sys.argv[1:]
parts = urlsplit(url)
query = parse_qs(parts.query)
signed_at = datetime.datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ")
region = query["X-Amz-Credential"][0].split("/")[2]
auth = botocore.auth.S3SigV4QueryAuth(Credentials(key, secret), "s3", region, expires=int(query["X-Amz-Expires"][0]))
request = AWSRequest(method="GET", url=f"{parts.scheme}://{parts.netloc}{parts.path}")
with mock.patch.object(botocore.auth, "get_current_datetime", return_value=signed_at):
    auth.add_auth(request)
theirs = parse_qs(urlsplit(request.prepare().url).query)
if theirs != query:
    sys.exit(f"AWS's client would send {theirs}, not {query}")
