"""What the real provider or AWS itself refuses, of single values, and the bindings do not tell: the costly surprises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# type -> (argument, longest, pattern)
NAMES = {
    "aws_lb": ("name", 32, r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"),
    "aws_lb_target_group": ("name", 32, r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"),
    "aws_elasticache_replication_group": ("replication_group_id", 40, r"[a-z](?:[a-z0-9]|-(?!-))*[a-z0-9]"),
    "aws_db_instance": ("identifier", 63, r"[a-z](?:[a-z0-9]|-(?!-))*[a-z0-9]"),
    "aws_s3_bucket": ("bucket", 63, r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
    "aws_iam_role": ("name", 64, r"[\w+=,.@-]+"),
    "aws_ecr_repository": ("name", 256, r"[a-z0-9]+(?:[._/-][a-z0-9]+)*"),
    "aws_cloudwatch_log_group": ("name", 512, r"[.\-_/#A-Za-z0-9]+"),
    "aws_cloudwatch_metric_alarm": ("alarm_name", 255, r"[\x20-\x7e]+"),
    "aws_cloudwatch_event_rule": ("name", 64, r"[.\-_A-Za-z0-9]+"),
}
RETENTION_DAYS = {0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
STORAGE_CLASSES = {"STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "GLACIER_IR", "DEEP_ARCHIVE"}
OPERATORS = {
    "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"
}
# Words that a security group rule's description may not hold are many; these are the characters that it may.
DESCRIPTION = re.compile(r"[\w .:/()#,@\[\]+=&;{}!$*-]*", re.ASCII)

# Arguments that AWS cannot change in place: of what our own instructions change after the first apply.
REPLACING = {"aws_lb_listener_rule": ("listener_arn",)}


def _known(value: Any) -> bool:
    return isinstance(value, (str, int, float, bool))


def problems(type_name: str, config: dict[str, Any]) -> Iterator[str]:
    if type_name in NAMES:
        argument, longest, pattern = NAMES[type_name]
        name = config.get(argument)
        if isinstance(name, str) and (len(name) > longest or not re.fullmatch(pattern, name)):
            yield f'{argument} "{name}" is longer than {longest} characters or does not match {pattern}'
    check = CHECKS.get(type_name)
    if check:
        yield from check(config)


def _log_group(config: dict[str, Any]) -> Iterator[str]:
    days = config.get("retention_in_days")
    if _known(days) and int(days) not in RETENTION_DAYS:
        yield f"CloudWatch does not keep logs for {days} days"


def _lifecycle(config: dict[str, Any]) -> Iterator[str]:
    for rule in config.get("rule") or []:
        for transition in rule.get("transition") or []:
            if _known(transition["storage_class"]) and transition["storage_class"] not in STORAGE_CLASSES:
                yield f"there is no storage class {transition['storage_class']}"


def _alarm(config: dict[str, Any]) -> Iterator[str]:
    if _known(config["comparison_operator"]) and config["comparison_operator"] not in OPERATORS:
        yield f"there is no comparison {config['comparison_operator']}"
    if not config.get("metric_query"):
        statistics = [config.get("statistic"), config.get("extended_statistic")]
        if all(s is None or _known(s) for s in statistics) and (statistics[0] is None) == (statistics[1] is None):
            yield "needs a statistic or an extended_statistic, not both"
    elif config.get("metric_name") is not None:
        yield "metric_name conflicts with metric_query"


def _rule_description(config: dict[str, Any]) -> Iterator[str]:
    description = config.get("description")
    if isinstance(description, str) and not DESCRIPTION.fullmatch(description):
        yield f'EC2 refuses the description "{description}"'


def _replication_group(config: dict[str, Any]) -> Iterator[str]:
    nodes = config.get("num_cache_clusters")
    if config.get("automatic_failover_enabled") is True and _known(nodes) and nodes < 2:
        yield "automatic failover needs two nodes"
    if isinstance(config.get("auth_token"), str) and config.get("transit_encryption_enabled") is not True:
        yield "an auth token needs encryption in transit"


def _service(config: dict[str, Any]) -> Iterator[str]:
    if config.get("launch_type") is not None and config.get("capacity_provider_strategy"):
        yield "launch_type conflicts with capacity_provider_strategy"
    based = [s for s in config.get("capacity_provider_strategy") or [] if s.get("base")]
    if len(based) > 1:
        yield "only one capacity provider can have a base"


CHECKS = {
    "aws_cloudwatch_log_group": _log_group,
    "aws_s3_bucket_lifecycle_configuration": _lifecycle,
    "aws_cloudwatch_metric_alarm": _alarm,
    "aws_security_group": _rule_description,
    "aws_vpc_security_group_ingress_rule": _rule_description,
    "aws_vpc_security_group_egress_rule": _rule_description,
    "aws_elasticache_replication_group": _replication_group,
    "aws_ecs_service": _service,
}
