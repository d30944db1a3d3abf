"""What a test decides about the world: names, paths and times. Read from a JSON file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class GroupSettings:
    """A target group: times in seconds, far shorter than AWS's so that a test takes a minute."""

    backend: str
    health_path: str = "/health"
    interval: float = 0.25
    timeout: float = 1.0
    healthy_after: int = 2
    unhealthy_after: int = 3
    deregistration_delay: float = 10.0


@dataclass(frozen=True)
class Settings:
    haproxy_socket: str
    images: str
    account: str = "123456789012"
    region: str = "us-east-1"
    aws_endpoint: str = ""
    address_prefix: str = "127.77"
    # Where the API and the agent's endpoint are: tasks in a network of their own do not reach the loopback.
    host: str = "127.0.0.1"
    # The network in which a Docker engine runs the tasks, and what more `docker create` is told; without it tasks are
    # processes.
    docker_network: str = ""
    docker_options: list[str] = field(default_factory=list)
    tick: float = 0.1
    provisioning: float = 0.2
    groups: dict[str, GroupSettings] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"arn:aws:ecs:{self.region}:{self.account}:"


def load(path: Path) -> Settings:
    raw = json.loads(path.read_text())
    groups = {arn: GroupSettings(**group) for arn, group in raw.pop("groups", {}).items()}
    return Settings(groups=groups, **raw)
