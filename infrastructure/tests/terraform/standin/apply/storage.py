"""S3."""

from __future__ import annotations

from apply.aws import client, first
from apply.registry import Value, creates, deletes


@creates("aws_s3_bucket")
def bucket(planned: Value) -> Value:
    name = planned["bucket"]
    client("s3").create_bucket(Bucket=name)
    domain = f"{name}.s3.amazonaws.com"
    return {"id": name, "arn": f"arn:aws:s3:::{name}", "bucket_domain_name": domain, "bucket_regional_domain_name": domain}


def _empty(name: str) -> None:
    pages = client("s3").get_paginator("list_object_versions").paginate(Bucket=name)
    for page in pages:
        for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            client("s3").delete_object(Bucket=name, Key=version["Key"], VersionId=version["VersionId"])


@deletes("aws_s3_bucket")
def _(prior: Value) -> None:
    if prior["force_destroy"]:
        _empty(prior["id"])
    client("s3").delete_bucket(Bucket=prior["id"])


@creates("aws_s3_bucket_versioning", repeatable=True)
def versioning(planned: Value) -> Value:
    status = first(planned, "versioning_configuration")["status"]
    client("s3").put_bucket_versioning(Bucket=planned["bucket"], VersioningConfiguration={"Status": status})
    return {"id": planned["bucket"]}


@creates("aws_s3_bucket_server_side_encryption_configuration", repeatable=True)
def encryption(planned: Value) -> Value:
    rules = []
    for rule in planned["rule"]:
        default = first(rule, "apply_server_side_encryption_by_default")
        applied = {"SSEAlgorithm": default["sse_algorithm"]}
        if isinstance(default.get("kms_master_key_id"), str):
            applied["KMSMasterKeyID"] = default["kms_master_key_id"]
        rules.append({"ApplyServerSideEncryptionByDefault": applied, "BucketKeyEnabled": bool(rule["bucket_key_enabled"])})
    client("s3").put_bucket_encryption(Bucket=planned["bucket"], ServerSideEncryptionConfiguration={"Rules": rules})
    return {"id": planned["bucket"]}


@creates("aws_s3_bucket_public_access_block", repeatable=True)
def access_block(planned: Value) -> Value:
    client("s3").put_public_access_block(
        Bucket=planned["bucket"],
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": planned["block_public_acls"], "IgnorePublicAcls": planned["ignore_public_acls"],
            "BlockPublicPolicy": planned["block_public_policy"], "RestrictPublicBuckets": planned["restrict_public_buckets"],
        },
    )
    return {"id": planned["bucket"]}


@creates("aws_s3_bucket_ownership_controls", repeatable=True)
def ownership(planned: Value) -> Value:
    rules = [{"ObjectOwnership": rule["object_ownership"]} for rule in planned["rule"]]
    client("s3").put_bucket_ownership_controls(Bucket=planned["bucket"], OwnershipControls={"Rules": rules})
    return {"id": planned["bucket"]}


@creates("aws_s3_bucket_policy", repeatable=True)
def policy(planned: Value) -> Value:
    client("s3").put_bucket_policy(Bucket=planned["bucket"], Policy=planned["policy"])
    return {"id": planned["bucket"]}


@deletes("aws_s3_bucket_policy")
def _(prior: Value) -> None:
    client("s3").delete_bucket_policy(Bucket=prior["bucket"])


def _rule(planned: Value) -> Value:
    rule: Value = {
        "ID": planned["id"], "Status": planned["status"], "Filter": {"Prefix": first(planned, "filter").get("prefix") or ""}
    }
    if planned["transition"]:
        rule["Transitions"] = [{"Days": int(t["days"]), "StorageClass": t["storage_class"]} for t in planned["transition"]]
    if expiration := first(planned, "expiration"):
        rule["Expiration"] = {"Days": int(expiration["days"])}
    if noncurrent := first(planned, "noncurrent_version_expiration"):
        rule["NoncurrentVersionExpiration"] = {"NoncurrentDays": int(noncurrent["noncurrent_days"])}
    if aborted := first(planned, "abort_incomplete_multipart_upload"):
        rule["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": int(aborted["days_after_initiation"])}
    return rule


@creates("aws_s3_bucket_lifecycle_configuration", repeatable=True)
def lifecycle(planned: Value) -> Value:
    client("s3").put_bucket_lifecycle_configuration(
        Bucket=planned["bucket"], LifecycleConfiguration={"Rules": [_rule(rule) for rule in planned["rule"]]}
    )
    return {"id": planned["bucket"]}


def _goes_with_its_bucket(prior: Value) -> None:
    """Nothing to do."""


for _type in (
    "versioning", "server_side_encryption_configuration", "public_access_block", "ownership_controls", "lifecycle_configuration"
):
    deletes(f"aws_s3_bucket_{_type}")(_goes_with_its_bucket)
