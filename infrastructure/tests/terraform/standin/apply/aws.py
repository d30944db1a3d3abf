"""The AWS that changes go to: whatever AWS_ENDPOINT_URL names, with the credentials of the environment."""

from __future__ import annotations

import os
import threading
from functools import cache
from typing import Any


def reachable() -> bool:
    return bool(os.environ.get("AWS_ENDPOINT_URL"))


_making = threading.Lock()


@cache
def _made(service: str) -> Any:
    # Terraform starts the provider several times for one command, and most of them never get as far as AWS.
    import boto3

    return boto3.client(service, region_name=os.environ.get("AWS_DEFAULT_REGION", "us-east-1"))


def client(service: str) -> Any:
    # Requests come in threads, and boto3 makes clients in one alone.
    with _making:
        return _made(service)


def tags(planned: dict[str, Any], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{key: name, value: text} for name, text in (planned.get("tags_all") or {}).items()]


def first(planned: dict[str, Any], block: str) -> dict[str, Any]:
    """The only element of a block that is there at most once, or nothing."""
    found = planned.get(block)
    return found[0] if found else {}


def given(**arguments: Any) -> dict[str, Any]:
    """Without what is not set: AWS' interfaces take no null."""
    return {name: value for name, value in arguments.items() if value not in (None, "")}
