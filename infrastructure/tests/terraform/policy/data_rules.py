"""Database, cache, buckets, secrets, keys."""

from __future__ import annotations

import json
from collections.abc import Iterator

from plan import Plan, drop, put, put_json, where
from rules import expect, rule

# What the guide prints of production and staging; the small profile changes the two classes and says so.
DATABASE = {
    "production": ("db.r6g.xlarge", True, 30),
    "small": ("db.t4g.large", True, 30),
    "staging": ("db.t3.large", False, 7),
}
CACHE = {"production": ("cache.r6g.large", 2), "small": ("cache.t4g.medium", 2), "staging": ("cache.t3.medium", 1)}


@rule(
    "PostgreSQL has the guide's class, zones and days of backup",
    put("aws_db_instance.main", "instance_class", to="db.m5.large"),
    put("aws_db_instance.main", "multi_az", to=None),
    put("aws_db_instance.main", "backup_retention_period", to=1),
)
def database(plan: Plan) -> Iterator[str]:
    values = plan.at("aws_db_instance.main")
    found = (values["instance_class"], values["multi_az"], values["backup_retention_period"])
    yield from expect("database", found, DATABASE[plan.name])
    yield from expect("engine", values["engine"], "postgres")


@rule(
    "PostgreSQL is encrypted, private, protected from deletion, watched; its password is RDS' own",
    put("aws_db_instance.main", "storage_encrypted", to=False),
    put("aws_db_instance.main", "publicly_accessible", to=True),
    put("aws_db_instance.main", "deletion_protection", to=False),
    put("aws_db_instance.main", "manage_master_user_password", to=None),
    put("aws_db_instance.main", "skip_final_snapshot", to=True),
    put("aws_db_instance.main", "performance_insights_enabled", to=False),
    put("aws_db_instance.main", "max_allocated_storage", to=50),
    put("aws_db_instance.main", "password", to="a-password-in-the-state"),
)
def database_safety(plan: Plan) -> Iterator[str]:
    values = plan.at("aws_db_instance.main")
    wanted = {
        "storage_encrypted": True, "publicly_accessible": False, "deletion_protection": True, "skip_final_snapshot": False,
        "manage_master_user_password": True, "performance_insights_enabled": True, "copy_tags_to_snapshot": True,
    }
    for name, value in wanted.items():
        yield from expect(f"database's {name}", values[name], value)
    if values.get("password"):
        yield "the database's password is in the configuration"
    # RDS takes no maximum that is less than a tenth above the size.
    if not values["max_allocated_storage"] >= 1.1 * values["allocated_storage"]:
        yield "the database's storage does not grow"
    yield from expect("database's key", values["kms_key_id"], plan.at("aws_kms_key.main")["arn"])


@rule(
    "PostgreSQL and Redis live in the database subnets, behind their own groups",
    put("aws_db_subnet_group.main", "subnet_ids", to=["subnet-of-somebody-else"]),
    put("aws_elasticache_subnet_group.main", "subnet_ids", to=[]),
    put("aws_db_instance.main", "vpc_security_group_ids", to=["sg-of-the-api"]),
    put("aws_elasticache_replication_group.main", "security_group_ids", to=[]),
)
def data_network(plan: Plan) -> Iterator[str]:
    subnets = {plan.at(f"aws_subnet.database[{index}]")["id"] for index in range(3)}
    for address in ("aws_db_subnet_group.main", "aws_elasticache_subnet_group.main"):
        yield from expect(f"subnets of {address}", set(plan.at(address)["subnet_ids"]), subnets)
    for group, address, argument in (
        ("database", "aws_db_instance.main", "vpc_security_group_ids"),
        ("redis", "aws_elasticache_replication_group.main", "security_group_ids"),
    ):
        yield from expect(f"{address}'s groups", plan.at(address)[argument], [plan.at(f"aws_security_group.{group}")["id"]])


@rule("PostgreSQL refuses connections without TLS", put("aws_db_parameter_group.main", "parameter", to=[]))
def force_tls(plan: Plan) -> Iterator[str]:
    parameters = {p["name"]: p["value"] for p in plan.at("aws_db_parameter_group.main")["parameter"]}
    yield from expect("rds.force_ssl", parameters.get("rds.force_ssl"), "1")


@rule(
    "The database's password changes in two hours of one day a year that are known beforehand",
    put("aws_secretsmanager_secret_rotation.database", "rotation_rules", 0, "duration", to=None),
    put("aws_secretsmanager_secret_rotation.database", "rotation_rules", 0, "schedule_expression", to="rate(7 days)"),
    put("aws_secretsmanager_secret_rotation.database", "rotate_immediately", to=True),
)
def password(plan: Plan) -> Iterator[str]:
    values = plan.at("aws_secretsmanager_secret_rotation.database")
    rules = values["rotation_rules"][0]
    found = (rules["schedule_expression"], rules["duration"], rules["automatically_after_days"])
    yield from expect("its change", found, ("cron(0 5 15 1 ? *)", "2h", None))
    yield from expect("a change at once", values["rotate_immediately"], False)


@rule(
    "Redis has the guide's class and nodes, and fails over when it can",
    put("aws_elasticache_replication_group.main", "node_type", to="cache.m5.large"),
    put("aws_elasticache_replication_group.main", "num_cache_clusters", to=3),
    put("aws_elasticache_replication_group.main", "automatic_failover_enabled", to=None),
    put("aws_elasticache_replication_group.main", "multi_az_enabled", to=None),
)
def cache(plan: Plan) -> Iterator[str]:
    values = plan.at("aws_elasticache_replication_group.main")
    yield from expect("cache", (values["node_type"], values["num_cache_clusters"]), CACHE[plan.name])
    for name in ("automatic_failover_enabled", "multi_az_enabled"):
        yield from expect(f"cache's {name}", values[name], values["num_cache_clusters"] > 1)


@rule(
    "Redis is encrypted at rest and in transit, and asks for a token",
    put("aws_elasticache_replication_group.main", "at_rest_encryption_enabled", to="false"),
    put("aws_elasticache_replication_group.main", "transit_encryption_enabled", to=False),
    put("aws_elasticache_replication_group.main", "auth_token", to=None),
    put("aws_elasticache_replication_group.main", "auth_token_update_strategy", to="ROTATE"),
)
def cache_safety(plan: Plan) -> Iterator[str]:
    values = plan.at("aws_elasticache_replication_group.main")
    yield from expect("encryption at rest", values["at_rest_encryption_enabled"], "true")
    yield from expect("encryption in transit", values["transit_encryption_enabled"], True)
    if not values["auth_token"]:
        yield "no token"
    # ROTATE is for the minutes of a change: what it leaves behind are two good tokens.
    yield from expect("what becomes of an earlier token", values["auth_token_update_strategy"], "SET")


@rule(
    "Recordings go to Glacier Instant Retrieval after 90 days, backups away",
    put("aws_s3_bucket_lifecycle_configuration.recordings", "rule", 0, "transition", 0, "days", to=30),
    put("aws_s3_bucket_lifecycle_configuration.recordings", "rule", 0, "transition", 0, "storage_class", to="DEEP_ARCHIVE"),
    put("aws_s3_bucket_lifecycle_configuration.backups", "rule", 0, "expiration", 0, "days", to=365),
    put("aws_s3_bucket_lifecycle_configuration.backups", "rule", 0, "abort_incomplete_multipart_upload", to=[]),
    put("aws_s3_bucket_lifecycle_configuration.recordings", "rule", 0, "abort_incomplete_multipart_upload", to=[]),
    put("aws_s3_bucket_lifecycle_configuration.recordings", "rule", 0, "expiration", to=[{"days": 365}]),
    put("aws_s3_bucket_lifecycle_configuration.recordings", "rule", 0, "noncurrent_version_expiration", to=[]),
)
def lifecycles(plan: Plan) -> Iterator[str]:
    recordings = plan.at("aws_s3_bucket_lifecycle_configuration.recordings")["rule"][0]
    moved = [(t["days"], t["storage_class"]) for t in recordings["transition"]]
    yield from expect("recordings move", moved, [(90, "GLACIER_IR")])
    yield from expect("recordings expire by lifecycle", recordings["expiration"], [])
    backups = plan.at("aws_s3_bucket_lifecycle_configuration.backups")["rule"][0]
    yield from expect("backups expire", [e["days"] for e in backups["expiration"]], [90])
    for rule_ in (recordings, backups):
        yield from expect(f"status of {rule_['id']}", rule_["status"], "Enabled")
        aborted = [a["days_after_initiation"] for a in rule_["abort_incomplete_multipart_upload"]]
        yield from expect("broken uploads go after days", aborted, [7])
        if not rule_["noncurrent_version_expiration"]:
            yield f"{rule_['id']}: versions that were replaced are paid for ever"


@rule(
    "Buckets are encrypted and closed to the public",
    put('aws_s3_bucket_public_access_block.main["recordings"]', "block_public_policy", to=False),
    drop('aws_s3_bucket_public_access_block.main["backups"]'),
    drop('aws_s3_bucket_server_side_encryption_configuration.main["recordings"]'),
    drop("aws_s3_bucket_server_side_encryption_configuration.access_logs"),
)
def buckets(plan: Plan) -> Iterator[str]:
    closed = {
        values["bucket"]
        for values in plan.by_type("aws_s3_bucket_public_access_block").values()
        if all(values[k] for k in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"))
    }
    encrypted = {
        values["bucket"]: values["rule"][0]["apply_server_side_encryption_by_default"][0]
        for values in plan.by_type("aws_s3_bucket_server_side_encryption_configuration").values()
    }
    for name in ("recordings", "backups"):
        found = encrypted.get(plan.at(f"aws_s3_bucket.{name}")["id"], {})
        yield from expect(f"key of the {name}", found.get("kms_master_key_id"), plan.at("aws_kms_key.main")["arn"])
    for address, values in plan.by_type("aws_s3_bucket").items():
        if values["id"] not in closed:
            yield f"{address} is not closed to the public"
        if values["id"] not in encrypted:
            yield f"{address} is not encrypted"


@rule(
    "Recordings and backups keep versions",
    put('aws_s3_bucket_versioning.main["backups"]', "versioning_configuration", 0, "status", to="Suspended"),
)
def versions(plan: Plan) -> Iterator[str]:
    for name in ("recordings", "backups"):
        status = plan.at(f'aws_s3_bucket_versioning.main["{name}"]')["versioning_configuration"][0]["status"]
        yield from expect(f"versioning of {name}", status, "Enabled")


@rule(
    "Buckets refuse requests without TLS",
    put_json('aws_s3_bucket_policy.main["recordings"]', "policy", lambda d: d.update(Statement=[])),
    drop("aws_s3_bucket_policy.access_logs"),
)
def bucket_tls(plan: Plan) -> Iterator[str]:
    refusing = set()
    for values in plan.by_type("aws_s3_bucket_policy").values():
        for statement in json.loads(values["policy"])["Statement"]:
            insecure = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport") == "false"
            if statement["Effect"] == "Deny" and statement["Action"] == "s3:*" and insecure:
                refusing.add(values["bucket"])
    for address, values in plan.by_type("aws_s3_bucket").items():
        if values["id"] not in refusing:
            yield address


@rule(
    "Terraform writes no value of the guide's secrets",
    put('aws_secretsmanager_secret.generated["secret-key"]', "name", to="prod/jwt-secret"),
    put('aws_secretsmanager_secret_version.generated["secret-key"]', "secret_id", to="secret:prod/jwt-secret"),
)
def given_secrets(plan: Plan) -> Iterator[str]:
    for address, values in plan.by_type("aws_secretsmanager_secret").items():
        if values["name"].split("/")[-1] in ("jwt-secret", "retell-api-key", "twilio-auth-token"):
            yield f"{address} makes {values['name']}"
    drawn = {values["id"] for values in plan.by_type("aws_secretsmanager_secret").values()}
    for address, values in plan.by_type("aws_secretsmanager_secret_version").items():
        if values["secret_id"] not in drawn:
            yield f"{address} writes {values['secret_id']}"


@rule(
    "Whatever else rests is encrypted with the environment's own key, the record of deployments with DynamoDB's",
    put("aws_sns_topic.alarms", "kms_master_key_id", to=None),
    put('aws_secretsmanager_secret.generated["secret-key"]', "kms_key_id", to=None),
    put("aws_db_instance.main", "master_user_secret_kms_key_id", to=None),
    put("aws_db_instance.main", "performance_insights_kms_key_id", to=None),
    put("aws_elasticache_replication_group.main", "kms_key_id", to=None),
    put('aws_ecr_repository.service["api"]', "encryption_configuration", 0, "kms_key", to=None),
    put("aws_dynamodb_table.deployments", "server_side_encryption", to=[]),
    where("aws_backup_vault.main[0]", put("aws_backup_vault.main[0]", "kms_key_arn", to=None), drop("aws_kms_key.main")),
)
def own_key(plan: Plan) -> Iterator[str]:
    key = plan.at("aws_kms_key.main")["arn"]
    used = {
        "aws_sns_topic": ["kms_master_key_id"],
        "aws_secretsmanager_secret": ["kms_key_id"],
        "aws_db_instance": ["kms_key_id", "master_user_secret_kms_key_id", "performance_insights_kms_key_id"],
        "aws_elasticache_replication_group": ["kms_key_id"],
        "aws_backup_vault": ["kms_key_arn"],
        "aws_cloudwatch_log_group": ["kms_key_id"],
    }
    for type_name, arguments in used.items():
        for address, values in plan.by_type(type_name).items():
            for argument in arguments:
                yield from expect(f"{address}'s {argument}", values[argument], key)
    for address, values in plan.by_type("aws_ecr_repository").items():
        yield from expect(f"{address}'s key", values["encryption_configuration"][0]["kms_key"], key)
    for address, values in plan.by_type("aws_dynamodb_table").items():
        yield from expect(f"{address}'s encryption", [e["enabled"] for e in values["server_side_encryption"]], [True])


@rule(
    "The record of deployments comes back from a mistake, and its lock ends by itself",
    put("aws_dynamodb_table.deployments", "point_in_time_recovery", 0, "enabled", to=False),
    put("aws_dynamodb_table.deployments", "deletion_protection_enabled", to=False),
    put("aws_dynamodb_table.deployments", "ttl", 0, "attribute_name", to="at"),
)
def record(plan: Plan) -> Iterator[str]:
    values = plan.at("aws_dynamodb_table.deployments")
    yield from expect("its keys", (values["hash_key"], values["range_key"]), ("environment", "release"))
    yield from expect("protection from deletion", values["deletion_protection_enabled"], True)
    yield from expect("point-in-time recovery", [p["enabled"] for p in values["point_in_time_recovery"]], [True])
    yield from expect("what ends a lock", [(t["attribute_name"], t["enabled"]) for t in values["ttl"]], [("expires_at", True)])


@rule(
    "Keys rotate, and no two resources of a kind share a name",
    put("aws_kms_key.main", "enable_key_rotation", to=False),
    put("aws_iam_role.task_web", "name", to="retell-prod-task-api"),
    put("aws_iam_role.task_web", "name", to="retell-staging-task-api"),
)
def keys_and_names(plan: Plan) -> Iterator[str]:
    for address, values in plan.by_type("aws_kms_key").items():
        yield from expect(f"{address}'s rotation", values["enable_key_rotation"], True)
    names = [v["name"] for v in plan.by_type("aws_iam_role").values()]
    yield from expect("number of role names", len(set(names)), len(names))
    for name in names:
        if not name.startswith(plan.prefix):
            yield f"role {name} is of another environment"
