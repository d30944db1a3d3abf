#!/usr/bin/env python3
"""Shows of each check of single values that it refuses what AWS refuses, and lets the ordinary pass."""

from __future__ import annotations

import sys
from typing import Any

import checks

Value = dict[str, Any]
ALARM: Value = {"comparison_operator": "GreaterThanThreshold", "statistic": "Sum", "extended_statistic": None, "metric_query": []}
RULE: Value = {"rule": [{"transition": [{"storage_class": "GLACIER_IR"}]}]}
GROUP: Value = {"replication_group_id": "retell-prod", "num_cache_clusters": 2, "automatic_failover_enabled": True,
                "auth_token": "secret", "transit_encryption_enabled": True}
SERVICE: Value = {"launch_type": None, "capacity_provider_strategy": [{"base": 1}, {"base": 0}]}

# type, what passes, what of it is changed so that it does not
EXAMPLES: list[tuple[str, Value, list[Value]]] = [
    ("aws_lb", {"name": "retell-prod"}, [{"name": "a" * 33}, {"name": "retell-"}, {"name": "retell_prod"}]),
    ("aws_lb_target_group", {"name": "retell-prod-api"}, [{"name": "a" * 33}]),
    ("aws_db_instance", {"identifier": "retell-prod"}, [{"identifier": "retell--prod"}, {"identifier": "Retell"}]),
    ("aws_s3_bucket", {"bucket": "retell-prod-recordings-123456789012"}, [{"bucket": "a" * 64}, {"bucket": "Retell"}]),
    ("aws_iam_role", {"name": "retell-prod-task-api"}, [{"name": "a" * 65}]),
    ("aws_ecr_repository", {"name": "retell-prod/api"}, [{"name": "Retell/api"}]),
    ("aws_cloudwatch_event_rule", {"name": "retell-prod-x"}, [{"name": "retell prod"}]),
    ("aws_cloudwatch_log_group", {"name": "/ecs/retell-prod/api", "retention_in_days": 30}, [{"retention_in_days": 31}]),
    ("aws_s3_bucket_lifecycle_configuration", RULE, [{"rule": [{"transition": [{"storage_class": "GLACIER_INSTANT"}]}]}]),
    ("aws_cloudwatch_metric_alarm", ALARM, [
        {"comparison_operator": "GreaterThan"}, {"statistic": None}, {"extended_statistic": "p95"},
        {"metric_query": [{}], "metric_name": "CPUUtilization"},
    ]),
    ("aws_security_group", {"description": "API and migration tasks"}, [{"description": "the world\u2019s"}]),
    ("aws_elasticache_replication_group", GROUP, [{"num_cache_clusters": 1}, {"transit_encryption_enabled": False}]),
    ("aws_ecs_service", SERVICE, [
        {"launch_type": "FARGATE"}, {"capacity_provider_strategy": [{"base": 1}, {"base": 1}]},
    ]),
]


def main() -> int:
    passed = failed = 0
    for type_name, good, changes in EXAMPLES:
        for config, refused in [(good, False), *(({**good, **change}, True) for change in changes)]:
            problems = list(checks.problems(type_name, config))
            if bool(problems) == refused:
                passed += 1
            else:
                failed += 1
                print(f"FAIL {type_name}: {config} {problems or 'passed'}")
    unshown = (set(checks.CHECKS) - {type_name for type_name, _, _ in EXAMPLES}) - {
        "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"  # the security group's own check
    }
    if unshown:
        failed += 1
        print(f"FAIL nothing shows what is checked of {sorted(unshown)}")
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
