"""The AWS services that ECS itself uses: Secrets Manager before a task starts, CloudWatch Logs while it runs."""

from __future__ import annotations

import json
import time
from typing import Any

import boto3
from botocore.exceptions import ClientError

PARTS_OF_A_SECRET_ARN = 7


def field_of(text: str, value_from: str) -> str:
    """What ECS gives a task of a secret's text: all of it, or the field of its JSON that stands behind the ARN."""
    key = "".join(value_from.split(":")[PARTS_OF_A_SECRET_ARN : PARTS_OF_A_SECRET_ARN + 1])
    if not key:
        return text
    try:
        return str(json.loads(text)[key])
    except (ValueError, KeyError, TypeError):
        raise LookupError(f"retrieved secret did not contain json key {key}") from None


class Aws:
    def __init__(self, endpoint: str, region: str) -> None:
        def client(name: str) -> Any:
            return boto3.client(
                name, endpoint_url=endpoint, region_name=region, aws_access_key_id="ecs", aws_secret_access_key="ecs"
            )

        self._secrets = client("secretsmanager")
        self._logs = client("logs")

    def secret(self, value_from: str) -> str:
        name = ":".join(value_from.split(":")[:PARTS_OF_A_SECRET_ARN])
        try:
            text = str(self._secrets.get_secret_value(SecretId=name)["SecretString"])
        except ClientError as problem:
            raise LookupError(f"{name}: {problem}") from problem
        return field_of(text, value_from)

    def ship(self, options: dict[str, str], stream: str, lines: list[str]) -> None:
        group = options["awslogs-group"]
        for create in (
            lambda: self._logs.create_log_group(logGroupName=group),
            lambda: self._logs.create_log_stream(logGroupName=group, logStreamName=stream),
        ):
            try:
                create()
            except self._logs.exceptions.ResourceAlreadyExistsException:
                pass
        now = int(time.time() * 1000)
        self._logs.put_log_events(
            logGroupName=group,
            logStreamName=stream,
            # As the awslogs driver does it: CloudWatch takes no empty message.
            logEvents=[{"timestamp": now, "message": line} for line in lines if line],
        )


class NoCloud:
    """For tests of ECS alone."""

    def __init__(self, secrets: dict[str, str] | None = None) -> None:
        self._secrets = secrets or {}
        self.shipped: dict[str, list[str]] = {}

    def secret(self, value_from: str) -> str:
        return self._secrets[value_from]

    def ship(self, options: dict[str, str], stream: str, lines: list[str]) -> None:
        self.shipped.setdefault(stream, []).extend(lines)
