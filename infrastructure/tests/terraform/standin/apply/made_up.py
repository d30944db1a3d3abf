"""What AWS would have computed, for an apply without any AWS: so that a plan on top of it knows every value."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from values import UNKNOWN

Value = dict[str, Any]
ACCOUNT = "123456789012"


def _suffix(*parts: Any, length: int = 8) -> str:
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:length]


def _database(planned: Value, region: str) -> Value:
    name = planned["identifier"]
    address = f"{name}.{_suffix(name)}.{region}.rds.amazonaws.com"
    secret = f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:rds!db-{_suffix(name)}"
    return {
        "arn": f"arn:aws:rds:{region}:{ACCOUNT}:db:{name}",
        "address": address,
        "endpoint": f"{address}:{int(planned['port'])}",
        "master_user_secret": [{"kms_key_id": None, "secret_arn": secret, "secret_status": "active"}],
    }


def _certificate(planned: Value, region: str) -> Value:
    names = [planned["domain_name"], *(planned.get("subject_alternative_names") or [])]
    options = [
        {
            "domain_name": name,
            "resource_record_name": f"_{_suffix(name)}.{name}.",
            "resource_record_type": "CNAME",
            "resource_record_value": f"_{_suffix(name, 'value')}.acm-validations.aws.",
        }
        for name in names
    ]
    return {"domain_validation_options": options}


def _balancer(planned: Value, region: str) -> Value:
    name = planned["name"]
    suffix = f"app/{name}/{_suffix(name, length=16)}"
    return {
        "arn": f"arn:aws:elasticloadbalancing:{region}:{ACCOUNT}:loadbalancer/{suffix}",
        "arn_suffix": suffix,
        "dns_name": f"{name}-{_suffix(name)}.{region}.elb.amazonaws.com",
        "zone_id": "Z35SXDOTRQ7X7K",
    }


def _target_group(planned: Value, region: str) -> Value:
    suffix = f"targetgroup/{planned['name']}/{_suffix(planned['name'], length=16)}"
    return {"arn": f"arn:aws:elasticloadbalancing:{region}:{ACCOUNT}:{suffix}", "arn_suffix": suffix}


def _repository(planned: Value, region: str) -> Value:
    name = planned["name"]
    return {
        "arn": f"arn:aws:ecr:{region}:{ACCOUNT}:repository/{name}",
        "repository_url": f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com/{name}",
        "registry_id": ACCOUNT,
    }


def _replication_group(planned: Value, region: str) -> Value:
    name = planned["replication_group_id"]
    return {"primary_endpoint_address": f"master.{name}.{_suffix(name)}.use1.cache.amazonaws.com"}


def _named(pattern: str, argument: str = "name") -> Callable[[Value, str], Value]:
    def compute(planned: Value, region: str) -> Value:
        name = planned[argument]
        return {"arn": pattern.format(region=region, account=ACCOUNT, name=name), "id": name}

    return compute


COMPUTED: dict[str, Callable[[Value, str], Value]] = {
    "aws_db_instance": _database,
    "aws_acm_certificate": _certificate,
    "aws_lb": _balancer,
    "aws_lb_target_group": _target_group,
    "aws_ecr_repository": _repository,
    "aws_elasticache_replication_group": _replication_group,
    "aws_iam_role": _named("arn:aws:iam::{account}:role/{name}"),
    "aws_s3_bucket": _named("arn:aws:s3:::{name}", "bucket"),
    "aws_cloudwatch_log_group": _named("arn:aws:logs:{region}:{account}:log-group:{name}"),
    "aws_dynamodb_table": _named("arn:aws:dynamodb:{region}:{account}:table/{name}"),
    "aws_ecs_cluster": _named("arn:aws:ecs:{region}:{account}:cluster/{name}"),
    "aws_sns_topic": _named("arn:aws:sns:{region}:{account}:{name}"),
}


def compute(type_name: str, planned: Value, region: str) -> Value:
    kind, suffix = type_name.removeprefix("aws_"), _suffix(type_name, sorted(map(str, planned.items())))
    value = {"id": f"{kind}-{suffix}", "arn": f"arn:aws:{kind}:{region}:{ACCOUNT}:{suffix}"}
    if type_name in COMPUTED:
        value.update(COMPUTED[type_name](planned, region))
    return {name: computed for name, computed in value.items() if planned.get(name) is UNKNOWN}
