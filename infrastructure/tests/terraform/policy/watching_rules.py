"""Logs, alarms, events, budget, dashboard, topic."""

from __future__ import annotations

import json
from collections.abc import Iterator

from plan import Plan, Values, drop, listed, put, put_json, where
from rules import expect, rule

# threshold, seconds, periods
GUIDE_ALARMS = {
    "api-cpu-high": (80, 300, 2),
    "rds-cpu-high": (80, 300, 2),
    "alb-5xx-errors": (5, 300, 1),
    "api-latency-high": (1, 60, 5),
}
# what is measured, and on which side of the threshold the trouble lies
MORE_ALARMS = {
    "api-memory-high": ("MemoryUtilization", ">"),
    "web-memory-high": ("MemoryUtilization", ">"),
    "api-unhealthy-hosts": ("UnHealthyHostCount", ">"),
    "web-unhealthy-hosts": ("UnHealthyHostCount", ">"),
    "api-too-few-hosts": ("HealthyHostCount", "<"),
    "web-too-few-hosts": ("HealthyHostCount", "<"),
    "rds-storage-low": ("FreeStorageSpace", "<"),
    "rds-connections-high": ("DatabaseConnections", ">"),
    "rds-memory-low": ("FreeableMemory", "<"),
    "call-failure-rate-high": ("CallsEnded CallsFailed", ">"),
    "call-setup-failures": ("CallSetupFailures", ">"),
    "caller-heard-latency-high": ("CallerHeardLatency", ">"),
    "late-frames": ("LateFrames", ">"),
    "vendor-errors": ("VendorErrors", ">"),
    "recordings-waiting": ("SpoolFiles", ">"),
}
REDIS_ALARMS = {
    "memory-high": "DatabaseMemoryUsagePercentage",
    "evictions": "Evictions",
    "cpu-high": "EngineCPUUtilization",
    "lag-high": "ReplicationLag",
}
REDIS_NODES = {"production": 2, "small": 2, "staging": 1}
NAT_GATEWAYS = {"production": 3, "small": 1, "staging": 1}
DASHBOARD = ["API Latency P95", "API Error Rate", "ECS CPU/Memory Utilization", "RDS Connections", "Redis Hit Rate"]
CALL_WIDGETS = ["Live calls", "Setup failures", "Caller-heard latency", "Late frames"]


def alarms_of(plan: Plan) -> dict[str, Values]:
    """By name, without the environment's prefix."""
    alarms = plan.by_type("aws_cloudwatch_metric_alarm").values()
    return {values["alarm_name"].removeprefix(f"{plan.prefix}-"): values for values in alarms}


def measured(alarm: Values) -> tuple[str, str]:
    metrics = {query["metric"][0]["metric_name"] for query in alarm["metric_query"] or [] if query["metric"]}
    side = {"GreaterThanThreshold": ">", "LessThanThreshold": "<"}.get(alarm["comparison_operator"], "?")
    return " ".join(sorted(metrics)) or alarm["metric_name"], side


def wanted_alarms(plan: Plan) -> dict[str, tuple[str, str]]:
    wanted = dict(MORE_ALARMS)
    for node in range(1, REDIS_NODES[plan.name] + 1):
        wanted |= {f"redis-{node:03}-{name}": (metric, ">") for name, metric in REDIS_ALARMS.items()}
    for gateway in range(1, NAT_GATEWAYS[plan.name] + 1):
        wanted[f"nat-{gateway}-no-ports"] = ("ErrorPortAllocation", ">")
    if plan.production:  # where Container Insights count tasks
        wanted |= {f"{name}-tasks-missing": ("DesiredTaskCount RunningTaskCount", ">") for name in ("api", "web")}
    if plan.https:
        wanted["certificate-expires"] = ("DaysToExpiry", "<")
    return wanted


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
    alarms = alarms_of(plan)
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
    "And the alarms that the guide's table leaves out, each of its metric, on its side, to SNS",
    drop('aws_cloudwatch_metric_alarm.more["rds-storage-low"]'),
    drop("aws_cloudwatch_metric_alarm.call_failures"),
    put('aws_cloudwatch_metric_alarm.more["api-memory-high"]', "alarm_actions", to=[]),
    put('aws_cloudwatch_metric_alarm.more["api-too-few-hosts"]', "comparison_operator", to="GreaterThanThreshold"),
    put('aws_cloudwatch_metric_alarm.more["late-frames"]', "treat_missing_data", to=None),
    put('aws_cloudwatch_metric_alarm.more["redis-001-evictions"]', "metric_name", to="CacheHits"),
    drop('aws_cloudwatch_metric_alarm.more["nat-1-no-ports"]'),
    where(
        'aws_cloudwatch_metric_alarm.tasks_missing["api"]',
        drop('aws_cloudwatch_metric_alarm.tasks_missing["api"]'),
        drop('aws_cloudwatch_metric_alarm.more["web-memory-high"]'),
    ),
    where(
        'aws_cloudwatch_metric_alarm.more["certificate-expires"]',
        drop('aws_cloudwatch_metric_alarm.more["certificate-expires"]'),
        drop('aws_cloudwatch_metric_alarm.more["web-unhealthy-hosts"]'),
    ),
)
def more_alarms(plan: Plan) -> Iterator[str]:
    alarms = alarms_of(plan)
    topic = plan.at("aws_sns_topic.alarms")["arn"]
    for name, wanted in wanted_alarms(plan).items():
        if name in alarms:
            yield from expect(f"what {name} measures", measured(alarms[name]), wanted)
        else:
            yield f"{name} is missing"
    for name, values in alarms.items():
        yield from expect(f"{name}'s actions", values["alarm_actions"], [topic])
        if not values["treat_missing_data"]:
            yield f"{name} does not say what no data means"


def _forget_failures(pattern: Values) -> None:
    pattern["detail"]["eventName"] = ["SERVICE_DEPLOYMENT_COMPLETED"]


def _of_another_secret(pattern: Values) -> None:
    pattern["detail"]["$or"][0]["additionalEventData"]["SecretId"] = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:another"]


@rule(
    "Failed deployments, tasks that find no place, want of memory, changed passwords, the database's events and failed backups are told",
    put_json('aws_cloudwatch_event_rule.alarm["database-password-changed"]', "event_pattern", _forget_failures),
    put_json('aws_cloudwatch_event_rule.alarm["database-password-changed"]', "event_pattern", _of_another_secret),
    drop('aws_cloudwatch_event_rule.alarm["deployment-failed"]'),
    put_json('aws_cloudwatch_event_rule.alarm["deployment-failed"]', "event_pattern", _forget_failures),
    drop('aws_cloudwatch_event_target.alarm["tasks-not-placed"]'),
    drop('aws_cloudwatch_event_rule.alarm["web-spot-interrupted"]'),
    put('aws_cloudwatch_event_target.alarm["api-out-of-memory"]', "arn", to="arn:aws:sns:us-east-1:123456789012:nobody"),
    drop("aws_db_event_subscription.database"),
    put("aws_db_event_subscription.database", "event_categories", to=["maintenance"]),
    where(
        'aws_cloudwatch_event_rule.alarm["backup-failed"]',
        drop('aws_cloudwatch_event_rule.alarm["backup-failed"]'),
        drop('aws_cloudwatch_event_rule.alarm["api-out-of-memory"]'),
    ),
)
def events(plan: Plan) -> Iterator[str]:
    topic = plan.at("aws_sns_topic.alarms")["arn"]
    patterns = {
        values["name"].removeprefix(f"{plan.prefix}-"): json.loads(values["event_pattern"])
        for values in plan.by_type("aws_cloudwatch_event_rule").values()
    }
    told = {values["rule"]: values["arn"] for values in plan.by_type("aws_cloudwatch_event_target").values()}
    wanted = {"deployment-failed", "tasks-not-placed", "api-out-of-memory", "database-password-changed", "web-spot-interrupted"}
    if plan.by_type("aws_backup_plan"):
        wanted.add("backup-failed")
    for name in sorted(wanted):
        if name not in patterns:
            yield f"{name} tells nobody"
        yield from expect(f"whom {name} tells", told.get(f"{plan.prefix}-{name}"), topic)
    failed = patterns.get("deployment-failed", {}).get("detail", {}).get("eventName", [])
    yield from expect("failed deployments", failed, ["SERVICE_DEPLOYMENT_FAILED"])
    services = patterns.get("deployment-failed", {}).get("resources", [])
    yield from expect("services that are watched", set(services), {v["id"] for v in plan.by_type("aws_ecs_service").values()})
    changed = patterns.get("database-password-changed", {}).get("detail", {})
    yield from expect("changes of the password", changed.get("eventName"), ["RotationSucceeded", "RotationFailed"])
    secret = plan.at("aws_db_instance.main")["master_user_secret"][0]["secret_arn"]
    yield from expect("whose password", [one["additionalEventData"]["SecretId"][0] for one in changed.get("$or", [])][:1], [secret])
    database = plan.at("aws_db_event_subscription.database")
    yield from expect("whom the database's events tell", database["sns_topic"], topic)
    if not {"failover", "failure", "low storage"} <= set(database["event_categories"]):
        yield f"of the database's events only {database['event_categories']} are told"


def _other_environment(plan: Plan) -> None:
    plan.at("aws_budgets_budget.monthly")["cost_filter"][0]["values"] = ["user:Environment$development"]


@rule(
    "The month's budget counts this environment and warns at 80 % spent and 100 % forecast",
    drop("aws_budgets_budget.monthly"),
    _other_environment,
    put("aws_budgets_budget.monthly", "notification", to=[]),
    put("aws_budgets_budget.monthly", "limit_amount", to="100000"),
)
def budget(plan: Plan) -> Iterator[str]:
    values = plan.at("aws_budgets_budget.monthly")
    yield from expect("limit", values["limit_amount"], {"production": "2000", "small": "700", "staging": "600"}[plan.name])
    environment = "production" if plan.production else "staging"
    yield from expect("what it counts", [f["values"] for f in values["cost_filter"]], [[f"user:Environment${environment}"]])
    warnings = {(n["notification_type"], n["threshold"], *n["subscriber_sns_topic_arns"]) for n in values["notification"]}
    topic = plan.at("aws_sns_topic.alarms")["arn"]
    yield from expect("warnings", warnings, {("ACTUAL", 80, topic), ("FORECASTED", 100, topic)})


@rule(
    "Production has a second set of daily backups of its database, kept for its 30 days; the others say that they have none",
    where(
        "aws_backup_plan.main[0]",
        put("aws_backup_plan.main[0]", "rule", 0, "lifecycle", 0, "delete_after", to=1),
        put("aws_db_instance.main", "backup_retention_period", to=0),
    ),
    where(
        "aws_backup_selection.database[0]",
        drop("aws_backup_selection.database[0]"),
        put("aws_db_instance.main", "delete_automated_backups", to=True),
    ),
)
def backups(plan: Plan) -> Iterator[str]:
    database = plan.at("aws_db_instance.main")
    yield from expect("automated backups go with the instance", database["delete_automated_backups"], False)
    if database["backup_retention_period"] < 7:
        yield f"backups are kept for {database['backup_retention_period']} days"
    if plan.name != "production":
        yield from expect("backup plans", len(plan.by_type("aws_backup_plan")), 0)
        return
    rules = plan.at("aws_backup_plan.main[0]")["rule"]
    yield from expect("days of backup", [r["lifecycle"][0]["delete_after"] for r in rules], [30])
    yield from expect("what is kept", plan.at("aws_backup_selection.database[0]")["resources"], [database["arn"]])


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
