"""Tasks: from PROVISIONING to STOPPED, each with a thread that follows its container."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from .balancer import TargetGroup
from .runner import ImageMissing, Runner, Running, follow
from .settings import Settings

Json = dict[str, Any]
DEFAULT_STOP_TIMEOUT = 30


class Cloud(Protocol):
    """The neighbours of ECS that a task meets: secrets before it starts, logs while it runs."""

    def secret(self, value_from: str) -> str: ...
    def ship(self, options: dict[str, str], stream: str, lines: list[str]) -> None: ...


@dataclass
class Task:
    arn: str
    cluster_arn: str
    definition: Json
    group: str
    address: str
    started_by: str = ""
    capacity: str = "FARGATE"
    overrides: Json = field(default_factory=dict)
    targets: TargetGroup | None = None
    last_status: str = "PROVISIONING"
    desired_status: str = "RUNNING"
    stop_code: str = ""
    stopped_reason: str = ""
    exit_code: int | None = None
    created_at: float = field(default_factory=time.time)
    started_at: float = 0.0
    stopped_at: float = 0.0
    protected_until: float = 0.0
    was_healthy: bool = False
    running: Running | None = None

    @property
    def id(self) -> str:
        return self.arn.rsplit("/", 1)[-1]

    @property
    def protected(self) -> bool:
        return self.protected_until > time.time()

    @property
    def stopped(self) -> bool:
        return self.last_status == "STOPPED"

    @property
    def stop_timeout(self) -> float:
        return float(self.definition["containerDefinitions"][0].get("stopTimeout", DEFAULT_STOP_TIMEOUT))

    def healthy(self) -> bool:
        if self.last_status != "RUNNING":
            return False
        if self.targets is not None and not self.targets.healthy(self.id):
            return False
        self.was_healthy = True
        return True

    def describe(self) -> Json:
        container: Json = {
            "name": self.definition["containerDefinitions"][0]["name"],
            "image": self.definition["containerDefinitions"][0]["image"],
            "lastStatus": self.last_status,
        }
        if self.exit_code is not None:
            container["exitCode"] = self.exit_code
        described: Json = {
            "taskArn": self.arn,
            "clusterArn": self.cluster_arn,
            "taskDefinitionArn": self.definition["taskDefinitionArn"],
            "group": self.group,
            "startedBy": self.started_by,
            "launchType": "FARGATE",
            "capacityProviderName": self.capacity,
            "lastStatus": self.last_status,
            "desiredStatus": self.desired_status,
            "healthStatus": "UNKNOWN",
            "createdAt": self.created_at,
            "containers": [container],
            "attachments": [
                {
                    "id": str(uuid.uuid5(uuid.NAMESPACE_URL, self.arn)),
                    "type": "ElasticNetworkInterface",
                    "status": "ATTACHED",
                    "details": [{"name": "privateIPv4Address", "value": self.address}],
                }
            ],
        }
        if self.started_at:
            described["startedAt"] = self.started_at
        if self.stopped_reason:
            described |= {"stopCode": self.stop_code, "stoppedReason": self.stopped_reason}
        if self.stopped_at:
            described["stoppedAt"] = self.stopped_at
        return described


class Tasks:
    def __init__(self, settings: Settings, runner: Runner, cloud: Cloud, agent_uri: Callable[[str], str]) -> None:
        self._settings = settings
        self._runner = runner
        self._cloud = cloud
        self._agent_uri = agent_uri
        self._tasks: dict[str, Task] = {}
        self._count = 0

    def all(self) -> list[Task]:
        return list(self._tasks.values())

    def find(self, reference: str) -> Task | None:
        return self._tasks.get(reference.rsplit("/", 1)[-1])

    def start(self, cluster_arn: str, definition: Json, group: str, **more: Any) -> Task:
        self._count += 1
        # Each task has its own address, as with awsvpc, so that all may listen on the same port.
        address = f"{self._settings.address_prefix}.{self._count // 250}.{self._count % 250 + 1}"
        cluster = cluster_arn.rsplit("/", 1)[-1]
        arn = f"{self._settings.arn}task/{cluster}/{uuid.uuid4().hex}"
        task = Task(arn, cluster_arn, definition, group, address, **more)
        self._tasks[task.id] = task
        threading.Thread(target=self._live, args=(task,), daemon=True).start()
        return task

    def _live(self, task: Task) -> None:
        time.sleep(self._settings.provisioning)
        if task.desired_status == "STOPPED":
            self._ended(task, "UserInitiated", "Stopped before it was started", None)
            return
        container = dict(task.definition["containerDefinitions"][0])
        environment = {one["name"]: one["value"] for one in container.get("environment", [])}
        for override in task.overrides.get("containerOverrides", []):
            if override.get("name") == container["name"]:
                container |= {key: override[key] for key in ("command",) if key in override}
                environment |= {one["name"]: one["value"] for one in override.get("environment", [])}
        environment["ECS_AGENT_URI"] = self._agent_uri(task.id)
        task.last_status = "PENDING"
        try:
            for secret in container.get("secrets", []):
                environment[secret["name"]] = self._cloud.secret(secret["valueFrom"])
            task.running = self._runner.start(container, task.address, environment)
        except ImageMissing as missing:
            self._never_ran(
                task,
                "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
                f"failed to resolve ref {missing}: not found",
            )
            return
        except LookupError as problem:
            self._never_ran(task, f"ResourceInitializationError: unable to pull secrets or registry auth: {problem}")
            return
        logs = threading.Thread(target=self._log, args=(task, container, task.running), daemon=True)
        logs.start()
        task.started_at = time.time()
        if task.desired_status == "RUNNING":
            task.last_status = "RUNNING"
        if task.targets is not None:
            port = container["portMappings"][0]["containerPort"]
            task.targets.register(task.id, task.address, port)
        code = task.running.wait()
        logs.join(timeout=5)
        if task.targets is not None:
            task.targets.remove(task.id)
        self._ended(task, "EssentialContainerExited", "Essential container in task exited", code)

    def _never_ran(self, task: Task, reason: str) -> None:
        self._ended(task, "TaskFailedToStart", reason, None)

    @staticmethod
    def _ended(task: Task, code: str, reason: str, exit_code: int | None) -> None:
        task.stop_code = task.stop_code or code
        task.stopped_reason = task.stopped_reason or reason
        task.exit_code = exit_code
        task.desired_status, task.stopped_at = "STOPPED", time.time()
        task.last_status = "STOPPED"

    def _log(self, task: Task, container: Json, running: Running) -> None:
        configuration = container.get("logConfiguration", {})
        options: dict[str, str] = configuration.get("options", {})
        lines: list[str] = []
        follow(running, lines.append)
        if configuration.get("logDriver") == "awslogs" and lines:
            stream = f"{options.get('awslogs-stream-prefix', 'ecs')}/{container['name']}/{task.id}"
            self._cloud.ship(options, stream, lines)

    def stop(self, task: Task, code: str, reason: str, drain: bool = True) -> None:
        """SIGTERM after the load balancer's drain, SIGKILL after stopTimeout. A Spot interruption does not drain:
        SIGTERM comes at once, and the target stays registered until the task has stopped."""
        if task.desired_status == "STOPPED":
            return
        task.desired_status, task.stop_code, task.stopped_reason = "STOPPED", code, reason
        threading.Thread(target=self._stop, args=(task, drain), daemon=True).start()

    @staticmethod
    def _stop(task: Task, drain: bool) -> None:
        if drain and task.targets is not None and not task.stopped:
            task.last_status = "DEACTIVATING"
            task.targets.drain(task.id)
        while task.running is None and not task.stopped:
            time.sleep(0.05)
        if task.running is None or task.stopped:
            return
        task.last_status = "STOPPING"
        task.running.terminate()
        until = time.monotonic() + task.stop_timeout
        while time.monotonic() < until:
            if task.stopped:
                return
            time.sleep(0.05)
        task.running.kill()
