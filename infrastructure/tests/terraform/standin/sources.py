"""Data sources: looked up where there is an endpoint, else what an ordinary account would answer."""

from __future__ import annotations

import hashlib
import json
import os
from functools import cache
from typing import Any

from apply import aws

Value = dict[str, Any]
MADE_UP_ACCOUNT = "123456789012"


@cache
def account_id() -> str:
    if not aws.reachable():
        return MADE_UP_ACCOUNT
    account: str = aws.client("sts").get_caller_identity()["Account"]
    return account


def _caller_identity(config: Value, region: str) -> Value:
    account = account_id()
    return {"account_id": account, "id": account, "user_id": "standin", "arn": f"arn:aws:iam::{account}:root"}


def _availability_zones(config: Value, region: str) -> Value:
    if aws.reachable():
        zones = aws.client("ec2").describe_availability_zones()["AvailabilityZones"]
        names, ids = [z["ZoneName"] for z in zones], [z["ZoneId"] for z in zones]
    else:
        names = [region + letter for letter in "abcdef"]
        ids = [f"use1-az{number}" for number in range(1, 7)]
    return {"names": names, "zone_ids": ids, "group_names": [region], "id": region}


def _secret(config: Value, region: str) -> Value:
    name = config["name"]
    if aws.reachable():
        arn = aws.client("secretsmanager").describe_secret(SecretId=name)["ARN"]
    else:
        suffix = hashlib.sha256(name.encode()).hexdigest()[:6]
        arn = f"arn:aws:secretsmanager:{region}:{MADE_UP_ACCOUNT}:secret:{name}-{suffix}"
    return {"arn": arn, "id": arn, "name": name, "tags": {}}


def _random_password(config: Value, region: str) -> Value:
    length = int(config.get("password_length") or 32)
    if not aws.reachable():
        return {"random_password": os.urandom(length).hex()[:length]}
    drawn = aws.client("secretsmanager").get_random_password(
        PasswordLength=length, ExcludePunctuation=bool(config.get("exclude_punctuation"))
    )
    return {"random_password": drawn["RandomPassword"]}


def _one_or_many(values: Any) -> Any:
    found = sorted(values)
    return found[0] if len(found) == 1 else found


def _statement(config: Value) -> Value:
    statement: Value = {}
    if config.get("sid"):
        statement["Sid"] = config["sid"]
    statement["Effect"] = config.get("effect") or "Allow"
    for argument, word in (("actions", "Action"), ("resources", "Resource")):
        if config.get(argument):
            statement[word] = _one_or_many(config[argument])
    principals: dict[str, list[str]] = {}
    for principal in config.get("principals") or []:
        principals.setdefault(principal["type"], []).extend(principal["identifiers"])
    if principals:
        everybody = principals == {"*": ["*"]}
        statement["Principal"] = "*" if everybody else {kind: _one_or_many(who) for kind, who in principals.items()}
    conditions: dict[str, Value] = {}
    for condition in config.get("condition") or []:
        conditions.setdefault(condition["test"], {})[condition["variable"]] = _one_or_many(condition["values"])
    if conditions:
        statement["Condition"] = conditions
    return statement


def _policy_document(config: Value, region: str) -> Value:
    statements: list[Value] = []
    for source in config.get("source_policy_documents") or []:
        statements += json.loads(source)["Statement"]
    statements += [_statement(statement) for statement in config.get("statement") or []]
    document = {"Version": "2012-10-17", "Statement": statements}
    text = json.dumps(document, indent=2)
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return {"json": text, "minified_json": json.dumps(document, separators=(",", ":")), "id": digest}


SOURCES = {
    "aws_caller_identity": _caller_identity,
    "aws_availability_zones": _availability_zones,
    "aws_secretsmanager_secret": _secret,
    "aws_secretsmanager_random_password": _random_password,
    "aws_iam_policy_document": _policy_document,
}


def read(type_name: str, config: Value, region: str) -> Value:
    return SOURCES[type_name](config, region)
