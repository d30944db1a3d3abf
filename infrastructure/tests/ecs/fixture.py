"""A control plane with its load balancer, for the stand-in's own tests: in this process, spoken to by boto3."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import haproxy
from standin.balancer import Balancer, HAProxy
from standin.cloud import NoCloud
from standin.runner import ProcessRunner
from standin.server import serve
from standin.settings import GroupSettings, Settings
from standin.world import World

Json = dict[str, Any]
APPLICATION = Path(__file__).with_name("application.py")
GROUP = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/api/1"
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}}
PATIENCE = 30.0


def until(what: str, condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {PATIENCE} s")


class Plane:
    def __init__(self, prefix: str) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self._proxy, self.port = haproxy.start(self.folder, {"api.test": "api"})
        group = GroupSettings("api", health_path="/ready", interval=0.1, timeout=0.5, unhealthy_after=2)
        settings = Settings(
            str(self.folder / "haproxy.sock"), str(self.folder), address_prefix=prefix, groups={GROUP: group}
        )
        self.cloud = NoCloud({"arn:secret": "hidden"})
        self.world = World(
            settings,
            ProcessRunner(self.folder),
            Balancer(settings.groups, HAProxy(settings.haproxy_socket)),
            self.cloud,
        )
        self._server = serve(self.world, "127.0.0.1", 0)
        self.world.agent = f"http://127.0.0.1:{self._server.server_address[1]}"
        for loop in (self.world.run, self._server.serve_forever):
            threading.Thread(target=loop, daemon=True).start()
        self.ecs = self._client("ecs")
        self.elb = self._client("elbv2")
        self.ecs.create_cluster(clusterName="test")
        for name, environment in (
            ("good", {}),
            ("crash", {"MODE": "crash"}),
            ("sick", {"MODE": "sick"}),
            ("seven", {"MIGRATION_EXIT": "7"}),
        ):
            argv = [sys.executable, str(APPLICATION), "{address}"]
            (self.folder / f"{name}.json").write_text(json.dumps({"argv": argv, "environment": environment}))

    def _client(self, name: str) -> Any:
        return boto3.client(
            name,
            endpoint_url=self.world.agent,
            region_name="us-east-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )

    def close(self) -> None:
        self.world.end()
        self._server.shutdown()
        self._server.server_close()
        self._proxy.terminate()
        self._proxy.wait()

    def register(self, family: str, image: str, command: tuple[str, ...] = ("serve",), **container: Any) -> str:
        answer = self.ecs.register_task_definition(
            family=family,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            executionRoleArn="arn:role",
            containerDefinitions=[
                {
                    "name": "app",
                    "image": f"registry/{image}",
                    "command": list(command),
                    "portMappings": [{"containerPort": 8080}],
                    "stopTimeout": 20,
                    **container,
                }
            ],
        )
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def create(self, name: str, definition: str, desired: int = 2, **more: Any) -> None:
        self.ecs.create_service(
            cluster="test",
            serviceName=name,
            taskDefinition=definition,
            desiredCount=desired,
            networkConfiguration=NETWORK,
            healthCheckGracePeriodSeconds=3,
            loadBalancers=[{"targetGroupArn": GROUP, "containerName": "app", "containerPort": 8080}],
            deploymentConfiguration={
                "minimumHealthyPercent": 100,
                "maximumPercent": 200,
                "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            },
            **more,
        )
        self.completed(name)

    def service(self, name: str) -> Json:
        return self.ecs.describe_services(cluster="test", services=[name])["services"][0]

    def primary(self, name: str) -> Json:
        return next(one for one in self.service(name)["deployments"] if one["status"] == "PRIMARY")

    def completed(self, name: str) -> Json:
        return until(
            "completed", lambda: self.primary(name) if self.primary(name)["rolloutState"] == "COMPLETED" else None
        )

    def update(self, name: str, definition: str) -> str:
        answer = self.ecs.update_service(cluster="test", service=name, taskDefinition=definition)
        return str(answer["service"]["deployments"][0]["id"])

    def run(self, definition: str) -> Json:
        answer = self.ecs.run_task(
            cluster="test", taskDefinition=definition, launchType="FARGATE", networkConfiguration=NETWORK
        )
        arn = answer["tasks"][0]["taskArn"]
        return until(
            "stopped", lambda: next((one for one in self.tasks([arn]) if one["lastStatus"] == "STOPPED"), None)
        )

    def tasks(self, arns: list[str]) -> list[Json]:
        return list(self.ecs.describe_tasks(cluster="test", tasks=arns)["tasks"])

    def arns(self, name: str, desired: str = "RUNNING") -> list[str]:
        return list(self.ecs.list_tasks(cluster="test", serviceName=name, desiredStatus=desired)["taskArns"])

    def health(self) -> dict[str, str]:
        answer = self.elb.describe_target_health(TargetGroupArn=GROUP)["TargetHealthDescriptions"]
        return {one["Target"]["Id"]: one["TargetHealth"]["State"] for one in answer}

    def agent(self, task: str, change: Json | None = None) -> Json:
        """What a task asks of its agent."""
        request = urllib.request.Request(f"{self.world.agent}/agent/{task.rsplit('/', 1)[-1]}/task-protection/v1/state")
        if change is not None:
            request.data, request.method = json.dumps(change).encode(), "PUT"
        with urllib.request.urlopen(request) as answer:
            return dict(json.load(answer))

    def interrupt(self, task: str) -> None:
        url = f"{self.world.agent}/spot-interruption/{task.rsplit('/', 1)[-1]}"
        urllib.request.urlopen(urllib.request.Request(url, method="POST")).close()


def address(task: Json) -> str:
    return str(task["attachments"][0]["details"][0]["value"])
