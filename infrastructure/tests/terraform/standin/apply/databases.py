"""RDS, ElastiCache, DynamoDB, AWS Backup."""

from __future__ import annotations

from apply.aws import client, first, given, tags
from apply.registry import Value, changes, creates, deletes


@creates("aws_db_subnet_group")
def subnet_group(planned: Value) -> Value:
    made = client("rds").create_db_subnet_group(
        DBSubnetGroupName=planned["name"], DBSubnetGroupDescription="Managed by Terraform",
        SubnetIds=list(planned["subnet_ids"]), Tags=tags(planned),
    )["DBSubnetGroup"]
    return {"id": planned["name"], "arn": made.get("DBSubnetGroupArn", "")}


@deletes("aws_db_subnet_group")
def _(prior: Value) -> None:
    client("rds").delete_db_subnet_group(DBSubnetGroupName=prior["name"])


@creates("aws_db_parameter_group")
def parameter_group(planned: Value) -> Value:
    made = client("rds").create_db_parameter_group(
        DBParameterGroupName=planned["name"], DBParameterGroupFamily=planned["family"], Description=planned["description"],
        Tags=tags(planned),
    )["DBParameterGroup"]
    client("rds").modify_db_parameter_group(
        DBParameterGroupName=planned["name"],
        Parameters=[
            {"ParameterName": p["name"], "ParameterValue": p["value"], "ApplyMethod": "immediate"} for p in planned["parameter"]
        ],
    )
    return {"id": planned["name"], "arn": made["DBParameterGroupArn"]}


@deletes("aws_db_parameter_group")
def _(prior: Value) -> None:
    client("rds").delete_db_parameter_group(DBParameterGroupName=prior["name"])


@creates("aws_db_instance")
def database(planned: Value) -> Value:
    made = client("rds").create_db_instance(
        DBInstanceIdentifier=planned["identifier"], Engine=planned["engine"], EngineVersion=planned["engine_version"],
        DBInstanceClass=planned["instance_class"], MultiAZ=bool(planned["multi_az"]), Port=int(planned["port"]),
        DBName=planned["db_name"], MasterUsername=planned["username"],
        ManageMasterUserPassword=planned["manage_master_user_password"],
        MasterUserSecretKmsKeyId=planned["master_user_secret_kms_key_id"],
        StorageType=planned["storage_type"], AllocatedStorage=int(planned["allocated_storage"]),
        MaxAllocatedStorage=int(planned["max_allocated_storage"]), StorageEncrypted=planned["storage_encrypted"],
        KmsKeyId=planned["kms_key_id"], DBSubnetGroupName=planned["db_subnet_group_name"],
        VpcSecurityGroupIds=list(planned["vpc_security_group_ids"]), PubliclyAccessible=planned["publicly_accessible"],
        DBParameterGroupName=planned["parameter_group_name"], BackupRetentionPeriod=int(planned["backup_retention_period"]),
        PreferredBackupWindow=planned["backup_window"], PreferredMaintenanceWindow=planned["maintenance_window"],
        CopyTagsToSnapshot=planned["copy_tags_to_snapshot"], DeletionProtection=planned["deletion_protection"],
        AutoMinorVersionUpgrade=planned["auto_minor_version_upgrade"],
        EnablePerformanceInsights=planned["performance_insights_enabled"],
        PerformanceInsightsRetentionPeriod=int(planned["performance_insights_retention_period"]),
        PerformanceInsightsKMSKeyId=planned["performance_insights_kms_key_id"],
        MonitoringInterval=int(planned["monitoring_interval"]), MonitoringRoleArn=planned["monitoring_role_arn"],
        EnableCloudwatchLogsExports=list(planned["enabled_cloudwatch_logs_exports"]), CACertificateIdentifier=planned["ca_cert_identifier"],
        Tags=tags(planned),
    )["DBInstance"]
    address = made["Endpoint"]["Address"]
    secret = made["MasterUserSecret"]
    return {
        "id": made["DbiResourceId"], "arn": made["DBInstanceArn"], "address": address, "endpoint": f"{address}:{planned['port']}",
        "master_user_secret": [
            {"secret_arn": secret["SecretArn"], "kms_key_id": secret.get("KmsKeyId", ""), "secret_status": "active"}
        ],
    }


@changes("aws_db_instance")
def change_database(planned: Value) -> Value:
    client("rds").modify_db_instance(
        DBInstanceIdentifier=planned["identifier"], DBInstanceClass=planned["instance_class"], MultiAZ=bool(planned["multi_az"]),
        BackupRetentionPeriod=int(planned["backup_retention_period"]), DeletionProtection=planned["deletion_protection"],
    )
    return {}


@deletes("aws_db_instance")
def _(prior: Value) -> None:
    if prior["deletion_protection"]:
        raise RuntimeError("deletion protection is on")
    client("rds").delete_db_instance(
        DBInstanceIdentifier=prior["identifier"], SkipFinalSnapshot=prior["skip_final_snapshot"],
        **given(FinalDBSnapshotIdentifier=prior["final_snapshot_identifier"]),
    )


@creates("aws_db_event_subscription")
def event_subscription(planned: Value) -> Value:
    client("rds").create_event_subscription(
        SubscriptionName=planned["name"], SnsTopicArn=planned["sns_topic"], SourceType=planned["source_type"],
        SourceIds=list(planned["source_ids"]), EventCategories=list(planned["event_categories"]), Tags=tags(planned),
    )
    return {"id": planned["name"]}


@deletes("aws_db_event_subscription")
def _(prior: Value) -> None:
    client("rds").delete_event_subscription(SubscriptionName=prior["name"])


@creates("aws_elasticache_subnet_group")
def cache_subnets(planned: Value) -> Value:
    client("elasticache").create_cache_subnet_group(
        CacheSubnetGroupName=planned["name"], CacheSubnetGroupDescription="Managed by Terraform",
        SubnetIds=list(planned["subnet_ids"]),
    )
    return {"id": planned["name"]}


@deletes("aws_elasticache_subnet_group")
def _(prior: Value) -> None:
    """The emulation cannot delete one."""


@creates("aws_elasticache_parameter_group")
def cache_parameters(planned: Value) -> Value:
    # The emulation has none; the group below is therefore made with the family's own.
    return {"id": planned["name"]}


@deletes("aws_elasticache_parameter_group")
def _(prior: Value) -> None:
    """Never made."""


@creates("aws_elasticache_replication_group")
def replication_group(planned: Value) -> Value:
    name, nodes = planned["replication_group_id"], int(planned["num_cache_clusters"])
    # The emulation counts replicas and not, as the real provider does, nodes.
    made = client("elasticache").create_replication_group(
        ReplicationGroupId=name, ReplicationGroupDescription=planned["description"], Engine=planned["engine"],
        EngineVersion=planned["engine_version"], CacheNodeType=planned["node_type"],
        ReplicasPerNodeGroup=nodes - 1, Port=int(planned["port"]),
        AutomaticFailoverEnabled=planned["automatic_failover_enabled"], MultiAZEnabled=planned["multi_az_enabled"],
        CacheSubnetGroupName=planned["subnet_group_name"], SecurityGroupIds=list(planned["security_group_ids"]),
        AtRestEncryptionEnabled=planned["at_rest_encryption_enabled"] == "true", KmsKeyId=planned["kms_key_id"],
        TransitEncryptionEnabled=planned["transit_encryption_enabled"], AuthToken=planned["auth_token"],
        SnapshotRetentionLimit=int(planned["snapshot_retention_limit"]), SnapshotWindow=planned["snapshot_window"],
        Tags=tags(planned),
    )["ReplicationGroup"]
    endpoint = (made.get("NodeGroups") or [{}])[0].get("PrimaryEndpoint", {}).get("Address", f"master.{name}.cache.amazonaws.com")
    return {"id": name, "arn": made["ARN"], "primary_endpoint_address": endpoint}


@deletes("aws_elasticache_replication_group")
def _(prior: Value) -> None:
    client("elasticache").delete_replication_group(ReplicationGroupId=prior["replication_group_id"])


@creates("aws_dynamodb_table")
def table(planned: Value) -> Value:
    keys = [{"AttributeName": planned["hash_key"], "KeyType": "HASH"}]
    if planned.get("range_key"):
        keys.append({"AttributeName": planned["range_key"], "KeyType": "RANGE"})
    name, dynamodb = planned["name"], client("dynamodb")
    made = dynamodb.create_table(
        TableName=name, BillingMode=planned["billing_mode"], KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": a["name"], "AttributeType": a["type"]} for a in planned["attribute"]],
        DeletionProtectionEnabled=planned["deletion_protection_enabled"], SSESpecification={"Enabled": True}, Tags=tags(planned),
    )["TableDescription"]
    if ttl := first(planned, "ttl"):
        dynamodb.update_time_to_live(
            TableName=name, TimeToLiveSpecification={"Enabled": ttl["enabled"], "AttributeName": ttl["attribute_name"]}
        )
    if first(planned, "point_in_time_recovery").get("enabled"):
        dynamodb.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
    return {"id": name, "arn": made["TableArn"]}


@changes("aws_dynamodb_table")
def change_table(planned: Value) -> Value:
    client("dynamodb").update_table(
        TableName=planned["name"], DeletionProtectionEnabled=planned["deletion_protection_enabled"]
    )
    return {}


@deletes("aws_dynamodb_table")
def _(prior: Value) -> None:
    client("dynamodb").delete_table(TableName=prior["name"])


@creates("aws_backup_vault")
def vault(planned: Value) -> Value:
    made = client("backup").create_backup_vault(BackupVaultName=planned["name"], EncryptionKeyArn=planned["kms_key_arn"])
    return {"id": planned["name"], "arn": made["BackupVaultArn"]}


@deletes("aws_backup_vault")
def _(prior: Value) -> None:
    client("backup").delete_backup_vault(BackupVaultName=prior["name"])


@creates("aws_backup_plan")
def plan(planned: Value) -> Value:
    rules = [
        {
            "RuleName": rule["rule_name"], "TargetBackupVaultName": rule["target_vault_name"], "ScheduleExpression": rule["schedule"],
            "StartWindowMinutes": int(rule["start_window"]), "CompletionWindowMinutes": int(rule["completion_window"]),
            "Lifecycle": {"DeleteAfterDays": int(first(rule, "lifecycle")["delete_after"])},
        }
        for rule in planned["rule"]
    ]
    made = client("backup").create_backup_plan(BackupPlan={"BackupPlanName": planned["name"], "Rules": rules})
    return {"id": made["BackupPlanId"], "arn": made["BackupPlanArn"], "version": made["VersionId"]}


@deletes("aws_backup_plan")
def _(prior: Value) -> None:
    client("backup").delete_backup_plan(BackupPlanId=prior["id"])


@creates("aws_backup_selection")
def selection(planned: Value) -> Value:
    # The emulation has no selections.
    return {"id": f"{planned['plan_id']}-{planned['name']}"}


@deletes("aws_backup_selection")
def _(prior: Value) -> None:
    """Never made."""
