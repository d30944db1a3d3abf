"""Database, cache, buckets, secrets, logs, alarms, dashboard."""

from __future__ import annotations

import json
from collections.abc import Iterator

from plan import Plan, drop, listed, put, put_json
from rules import expect, rule

# What the guide prints; the small profile changes the two classes and says so.
DATABASE = {"production": ("db.r6g.xlarge", True, 30), "staging": ("db.t3.large", False, 7)}
CACHE = {"production": ("cache.r6g.large", 2), "staging": ("cache.t3.medium", 1)}
SMALL = {"db.t4g.large": "db.r6g.xlarge", "cache.t4g.medium": "cache.r6g.large"}
GUIDE_ALARMS = {
    "api-cpu-high": (80, 300, 2),
    "rds-cpu-high": (80, 300, 2),
    "alb-5xx-errors": (5, 300, 1),
    "api-latency-high": (1, 60, 5),
}
MORE_ALARMS = {
    "api-memory-high", "web-memory-high", "api-unhealthy-hosts", "web-unhealthy-hosts", "api-too-few-hosts",
    "web-too-few-hosts", "rds-storage-low", "rds-connections-high", "redis-001-memory-high", "redis-001-evictions",
    "call-failure-rate-high", "call-setup-failures", "caller-heard-latency-high", "late-frames",
}
DASHBOARD = ["API Latency P95", "API Error Rate", "ECS CPU/Memory Utilization", "RDS Connections", "Redis Hit Rate"]
CALL_WIDGETS = ["Live calls", "Setup failures", "Caller-heard latency", "Late frames"]


@rule(
    "PostgreSQL has the guide's class, zones and days of backup",
    put("aws_db_instance.main", "instance_class", to="db.m5.large"),
    put("aws_db_instance.main", "multi_az", to=None),
    put("aws_db_instance.main", "backup_retention_period", to=1),
)
def database(plan: Plan) -> Iterator[str]:
    values = plan.at("aws_db_instance.main")
    class_ = SMALL.get(values["instance_class"], values["instance_class"])
    found = (class_, values["multi_az"], values["backup_retention_period"])
    yield from expect("database", found, DATABASE[plan.environment])
    yield from expect("engine", values["engine"], "postgres")


@rule(
    "PostgreSQL is encrypted, private, protected from deletion, watched; its password is RDS' own",
    put("aws_db_instance.main", "storage_encrypted", to=False),
    put("aws_db_instance.main", "publicly_accessible", to=True),
    put("aws_db_instance.main", "deletion_protection", to=False),
    put("aws_db_instance.main", "manage_master_user_password", to=None),
    put("aws_db_instance.main", "skip_final_snapshot", to=True),
    put("aws_db_instance.main", "performance_insights_enabled", to=False),
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
    if not values["max_allocated_storage"] > values["allocated_storage"]:
        yield "the database's storage does not grow"
    yield from expect("database's key", values["kms_key_id"], plan.at("aws_kms_key.main")["arn"])


@rule("PostgreSQL refuses connections without TLS", put("aws_db_parameter_group.main", "parameter", to=[]))
def force_tls(plan: Plan) -> Iterator[str]:
    parameters = {p["name"]: p["value"] for p in plan.at("aws_db_parameter_group.main")["parameter"]}
    yield from expect("rds.force_ssl", parameters.get("rds.force_ssl"), "1")


@rule(
    "Redis has the guide's class and nodes, and fails over when it can",
    put("aws_elasticache_replication_group.main", "node_type", to="cache.m5.large"),
    put("aws_elasticache_replication_group.main", "num_cache_clusters", to=3),
    put("aws_elasticache_replication_group.main", "automatic_failover_enabled", to=None),
)
def cache(plan: Plan) -> Iterator[str]:
    values = plan.at("aws_elasticache_replication_group.main")
    found = (SMALL.get(values["node_type"], values["node_type"]), values["num_cache_clusters"])
    yield from expect("cache", found, CACHE[plan.environment])
    yield from expect("automatic failover", values["automatic_failover_enabled"], values["num_cache_clusters"] > 1)


@rule(
    "Redis is encrypted at rest and in transit, and asks for a token",
    put("aws_elasticache_replication_group.main", "at_rest_encryption_enabled", to="false"),
    put("aws_elasticache_replication_group.main", "transit_encryption_enabled", to=False),
    put("aws_elasticache_replication_group.main", "auth_token", to=None),
)
def cache_safety(plan: Plan) -> Iterator[str]:
    values = plan.at("aws_elasticache_replication_group.main")
    yield from expect("encryption at rest", values["at_rest_encryption_enabled"], "true")
    yield from expect("encryption in transit", values["transit_encryption_enabled"], True)
    if not values["auth_token"]:
        yield "no token"


@rule(
    "Recordings go to Glacier Instant Retrieval after 90 days, backups away",
    put("aws_s3_bucket_lifecycle_configuration.recordings", "rule", 0, "transition", 0, "days", to=30),
    put("aws_s3_bucket_lifecycle_configuration.recordings", "rule", 0, "transition", 0, "storage_class", to="DEEP_ARCHIVE"),
    put("aws_s3_bucket_lifecycle_configuration.backups", "rule", 0, "expiration", 0, "days", to=365),
    put("aws_s3_bucket_lifecycle_configuration.backups", "rule", 0, "abort_incomplete_multipart_upload", to=[]),
)
def lifecycles(plan: Plan) -> Iterator[str]:
    recordings = plan.at("aws_s3_bucket_lifecycle_configuration.recordings")["rule"][0]
    moved = [(t["days"], t["storage_class"]) for t in recordings["transition"]]
    yield from expect("recordings move", moved, [(90, "GLACIER_IR")])
    backups = plan.at("aws_s3_bucket_lifecycle_configuration.backups")["rule"][0]
    yield from expect("backups expire", [e["days"] for e in backups["expiration"]], [90])
    for rule_ in (recordings, backups):
        yield from expect(f"status of {rule_['id']}", rule_["status"], "Enabled")
        aborted = [a["days_after_initiation"] for a in rule_["abort_incomplete_multipart_upload"]]
        yield from expect("broken uploads go after days", aborted, [7])


@rule(
    "Buckets are encrypted and closed to the public",
    put('aws_s3_bucket_public_access_block.main["recordings"]', "block_public_policy", to=False),
    drop('aws_s3_bucket_public_access_block.main["backups"]'),
    drop('aws_s3_bucket_server_side_encryption_configuration.main["recordings"]'),
)
def buckets(plan: Plan) -> Iterator[str]:
    closed = {
        values["bucket"]
        for values in plan.by_type("aws_s3_bucket_public_access_block").values()
        if all(values[k] for k in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"))
    }
    encrypted = {v["bucket"] for v in plan.by_type("aws_s3_bucket_server_side_encryption_configuration").values()}
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
)
def given_secrets(plan: Plan) -> Iterator[str]:
    for address, values in plan.by_type("aws_secretsmanager_secret").items():
        if values["name"].split("/")[-1] in ("jwt-secret", "retell-api-key", "twilio-auth-token"):
            yield f"{address} makes {values['name']}"


@rule(
    "Logs are in /ecs/<prefix>/api and /web, encrypted, kept for 30 days",
    put('aws_cloudwatch_log_group.service["api"]', "retention_in_days", to=0),
    put('aws_cloudwatch_log_group.service["web"]', "name", to="/ecs/web"),
    put("aws_cloudwatch_log_group.flow", "kms_key_id", to=None),
)
def logs(plan: Plan) -> Iterator[str]:
    groups = plan.by_type("aws_cloudwatch_log_group")
    names = {v["name"] for v in groups.values()}
    for name in ("api", "web"):
        if f"/ecs/{plan.prefix}/{name}" not in names:
            yield f"/ecs/{plan.prefix}/{name} is missing"
    for address, values in groups.items():
        yield from expect(f"{address}'s days", values["retention_in_days"], 30)
        if not values["kms_key_id"]:
            yield f"{address} is not encrypted"


@rule(
    "The guide's four alarms have its thresholds and go to SNS",
    put("aws_cloudwatch_metric_alarm.api_cpu", "threshold", to=90),
    put("aws_cloudwatch_metric_alarm.alb_5xx", "alarm_actions", to=[]),
    put("aws_cloudwatch_metric_alarm.api_latency", "extended_statistic", to="p50"),
    drop("aws_cloudwatch_metric_alarm.rds_cpu"),
)
def guide_alarms(plan: Plan) -> Iterator[str]:
    alarms = {v["alarm_name"].removeprefix(f"{plan.prefix}-"): v for v in plan.by_type("aws_cloudwatch_metric_alarm").values()}
    topic = plan.at("aws_sns_topic.alarms")["arn"]
    for name, wanted in GUIDE_ALARMS.items():
        if name not in alarms:
            yield f"{name} is missing"
            continue
        values = alarms[name]
        period = values["period"] or next(q["metric"][0]["period"] for q in values["metric_query"] if q["metric"])
        yield from expect(name, (values["threshold"], period, values["evaluation_periods"]), wanted)
        yield from expect(f"{name}'s comparison", values["comparison_operator"], "GreaterThanThreshold")
        yield from expect(f"{name}'s actions", values["alarm_actions"], [topic])
    if "api-latency-high" in alarms:
        yield from expect("statistic of api-latency-high", alarms["api-latency-high"]["extended_statistic"], "p95")


@rule(
    "And the alarms that the guide's table leaves out",
    drop('aws_cloudwatch_metric_alarm.more["rds-storage-low"]'),
    drop("aws_cloudwatch_metric_alarm.call_failures"),
    put('aws_cloudwatch_metric_alarm.more["api-memory-high"]', "alarm_actions", to=[]),
    drop('aws_cloudwatch_event_rule.alarm["deployment-failed"]'),
    drop("aws_budgets_budget.monthly"),
)
def more_alarms(plan: Plan) -> Iterator[str]:
    alarms = plan.by_type("aws_cloudwatch_metric_alarm")
    names = {v["alarm_name"].removeprefix(f"{plan.prefix}-") for v in alarms.values()}
    wanted = set(MORE_ALARMS)
    if plan.document["variables"]["container_insights"]["value"]:
        wanted |= {"api-tasks-missing", "web-tasks-missing"}
    if not wanted <= names:
        yield f"missing: {sorted(wanted - names)}"
    for address, values in alarms.items():
        if not values["alarm_actions"]:
            yield f"{address} tells nobody"
        if not values["treat_missing_data"]:
            yield f"{address} does not say what no data means"
    rules_ = {v["name"] for v in plan.by_type("aws_cloudwatch_event_rule").values()}
    if f"{plan.prefix}-deployment-failed" not in rules_:
        yield "failed deployments tell nobody"
    if len(plan.by_type("aws_budgets_budget")) != 1:
        yield "there is no budget"


@rule(
    "The dashboard shows the guide's five figures and the calls' own",
    put_json("aws_cloudwatch_dashboard.main", "dashboard_body", lambda d: d["widgets"].pop(4)),
    put_json("aws_cloudwatch_dashboard.main", "dashboard_body", lambda d: d["widgets"].pop(5)),
)
def dashboard(plan: Plan) -> Iterator[str]:
    body = json.loads(plan.at("aws_cloudwatch_dashboard.main")["dashboard_body"])
    yield from expect("widgets", [w["properties"]["title"] for w in body["widgets"]], DASHBOARD + CALL_WIDGETS)


@rule(
    "The alarm topic takes messages of this account's services alone, and can decrypt what they send",
    put_json("aws_sns_topic_policy.alarms", "policy", lambda d: d["Statement"].append({"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"})),
    put_json("aws_kms_key.main", "policy", lambda d: d.update(Statement=d["Statement"][:2])),
)
def topic(plan: Plan) -> Iterator[str]:
    publishers = set()
    for statement in json.loads(plan.at("aws_sns_topic_policy.alarms")["policy"])["Statement"]:
        if statement["Principal"] == "*" or not statement.get("Condition"):
            yield f"the topic is open: {statement}"
        else:
            publishers |= set(listed(statement["Principal"]["Service"]))
    trusted = set()
    for statement in json.loads(plan.at("aws_kms_key.main")["policy"])["Statement"]:
        trusted |= set(listed(statement["Principal"].get("Service", [])))
    if not publishers <= trusted:
        yield f"{sorted(publishers - trusted)} may not use the topic's key"


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
