"""The AWS of the deploy scenarios: moto for what keeps records, the ECS stand-in for what runs, HAProxy for the
traffic, and a checkout with the scripts as they are."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from machine import ACCOUNT, ECS, FAST, HERE, REGION, REPOSITORY, Json, Machine, until

PREFIX = "retell-prod"
TABLE = f"{PREFIX}-deployments"
ECR = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
ROUTES = {"api.retellai-mvp.com": "api", "app.retellai-mvp.com": "web"}
MOST_SAID = 16_000_000
JWT_SECRET = "a secret that is long enough"
# As ecs_api.tf and ecs_web.tf have them: Spot's two minutes are too short for a call.
CAPACITY = {
    "api": [{"capacityProvider": "FARGATE", "weight": 1}],
    "web": [
        {"capacityProvider": "FARGATE", "base": 1, "weight": 0},
        {"capacityProvider": "FARGATE_SPOT", "weight": 1},
    ],
}
NETWORK = {
    "awsvpcConfiguration": {
        "subnets": ["subnet-a", "subnet-b"],
        "securityGroups": ["sg-api"],
        "assignPublicIp": "DISABLED",
    }
}


@dataclass
class Outcome:
    status: int
    text: str
    seconds: float


class World(Machine):
    # Any that is free.
    balancer_port = 0
    # Seconds in which a task may be unhealthy at first.
    grace = 3

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self.moto = self.start_moto([str(Path(sys.executable).with_name("moto_server"))])
        self.port = self.start_balancer(ROUTES, self.balancer_port)
        (self.folder / "images").mkdir()
        self.ecs_url = self.start_ecs(self.moto, self._groups(), prefix, **self._ecs_settings())
        self.spawn("aws", [sys.executable, str(HERE / "aws_server.py"), str(self.folder / "aws.sock")])
        until("the AWS CLI", (self.folder / "aws.sock").exists)
        self.environment = self._environment()
        self.ecs, self.elb = self._client("ecs", self.ecs_url), self._client("elbv2", self.ecs_url)
        self.ecr = self._client("ecr", self.moto)
        self._secrets: dict[str, str] = {}
        self.secrets, self.dynamodb = self._client("secretsmanager", self.moto), self._client("dynamodb", self.moto)
        self._make_checkout()
        self._provision()

    # what stands there before the first deploy

    def _groups(self) -> dict[str, Json]:
        return {
            self.group("api"): {"backend": "api", "health_path": "/health", **FAST},
            self.group("web"): {"backend": "web", "health_path": "/health", **FAST},
        }

    def _ecs_settings(self) -> Json:
        """More of the stand-in's settings."""
        return {}

    def group(self, app: str) -> str:
        return f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/{PREFIX}-{app}/0123456789abcdef"

    def _environment(self) -> dict[str, str]:
        path = [str(HERE / "shim"), str(Path(sys.executable).parent), os.environ["PATH"]]
        return {
            "PATH": ":".join(path),
            "HOME": str(self.folder),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.moto,
            "AWS_ENDPOINT_URL_ECS": self.ecs_url,
            "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2": self.ecs_url,
            "SHIM_AWS_SOCKET": str(self.folder / "aws.sock"),
            "SHIM_IMAGES": str(self.folder / "images"),
            "SHIM_APPLICATION": str(ECS / "application.py"),
            "RETELL_DEPLOY_POLL_SECONDS": "0.3",
            "RETELL_DEPLOY_TIMEOUT": "120",
            "RETELL_DEPLOY_ACTOR": "tester",
            "RETELL_SMOKE_CONNECT": f"127.0.0.1:{self.port}",
            "CURL_CA_BUNDLE": str(self.folder / "authority.pem"),
        }

    def _client(self, name: str, url: str) -> Any:
        return boto3.client(
            name, endpoint_url=url, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test"
        )

    def _make_checkout(self) -> None:
        """A repository of its own: a release is a commit that a test makes. The scripts are copied as they are."""
        shutil.copytree(REPOSITORY / "scripts", self.checkout / "scripts")
        shutil.copytree(REPOSITORY / "apps/api/migrations", self.checkout / "apps/api/migrations")
        for app in ("api", "web"):
            dockerfile = self.checkout / "apps" / app / "Dockerfile"
            dockerfile.parent.mkdir(parents=True, exist_ok=True)
            dockerfile.write_text("FROM debian:bookworm-slim\n")
        self.start_repository()

    def _provision(self) -> None:
        """What Terraform makes: cluster, first revisions, services, repositories, secrets."""
        for app in ("api", "web"):
            self.ecr.create_repository(repositoryName=f"{PREFIX}/{app}", imageTagMutability="IMMUTABLE")
        keys = {"environment": "HASH", "release": "RANGE"}
        self.dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        )
        self.secret("jwt-secret", JWT_SECRET)
        self.ecs.create_cluster(clusterName=f"{PREFIX}-cluster")
        self._make_first_images()
        self.register("migrations", "api", ["migrate", "up"])
        for app in ("api", "web"):
            definition = self.register(app, app, ["serve"])
            self.ecs.create_service(
                cluster=f"{PREFIX}-cluster",
                serviceName=f"{PREFIX}-{app}",
                taskDefinition=definition,
                desiredCount=2,
                networkConfiguration=NETWORK,
                capacityProviderStrategy=CAPACITY[app],
                healthCheckGracePeriodSeconds=self.grace,
                loadBalancers=[{"targetGroupArn": self.group(app), "containerName": app, "containerPort": 8080}],
                deploymentConfiguration={
                    "minimumHealthyPercent": 100,
                    "maximumPercent": 200,
                    "deploymentCircuitBreaker": {"enable": True, "rollback": True},
                },
            )
        for app in ("api", "web"):
            until(f"the first {app}", lambda app=app: self.primary(app)["rolloutState"] == "COMPLETED", 120)

    def _make_first_images(self) -> None:
        first = {
            "argv": [sys.executable, str(ECS / "application.py"), "{address}"],
            "environment": {"RELEASE": "first"},
        }
        for app in ("api", "web"):
            (self.folder / f"images/{PREFIX}_{app}:latest.json").write_text(json.dumps(first))

    def secret(self, name: str, value: str) -> str:
        """Its ARN; made when it is not there yet."""
        if name not in self._secrets:
            self._secrets[name] = self.secrets.create_secret(Name=f"prod/{name}", SecretString=value)["ARN"]
        return str(self._secrets[name])

    def container(self, name: str, app: str, command: list[str]) -> Json:
        """What a task definition says of its container."""
        logs = {"awslogs-group": f"/ecs/{PREFIX}/{name}", "awslogs-region": REGION, "awslogs-stream-prefix": name}
        return {
            "name": name,
            "image": f"{ECR}/{PREFIX}/{app}:latest",
            "command": command,
            "portMappings": [{"containerPort": 8080}],
            "stopTimeout": 60,
            "secrets": [{"name": "DATABASE_PASSWORD", "valueFrom": self._secrets["jwt-secret"]}],
            "logConfiguration": {"logDriver": "awslogs", "options": logs},
        }

    def register(self, name: str, app: str, command: list[str]) -> str:
        answer = self.ecs.register_task_definition(
            family=f"{PREFIX}-{name}",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            executionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/execution",
            containerDefinitions=[self.container(name, app, command)],
        )
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    # what a test does and asks

    def interrupt(self, task: Json) -> None:
        """Spot wants the task's machine back."""
        url = f"{self.ecs_url}/spot-interruption/{task['taskArn'].rsplit('/', 1)[-1]}"
        urllib.request.urlopen(urllib.request.Request(url, method="POST")).close()

    def script(self, name: str, *words: str, **environment: str) -> Outcome:
        return self.begin(name, *words, **environment).outcome()

    def begin(self, name: str, *words: str, **environment: str) -> Script:
        return Script(self, name, words, environment)

    def deploy(self, *words: str, api: Json | None = None, web: Json | None = None, **environment: str) -> Outcome:
        images = {"IMAGE_API": json.dumps(api or {}), "IMAGE_WEB": json.dumps(web or {})}
        return self.script("deploy.sh", "production", "--yes", *words, **images, **environment)

    def service(self, app: str) -> Json:
        return self.ecs.describe_services(cluster=f"{PREFIX}-cluster", services=[f"{PREFIX}-{app}"])["services"][0]

    def primary(self, app: str) -> Json:
        return next(one for one in self.service(app)["deployments"] if one["status"] == "PRIMARY")

    def tasks(self, app: str, desired: str = "RUNNING") -> list[Json]:
        arns = self.ecs.list_tasks(cluster=f"{PREFIX}-cluster", serviceName=f"{PREFIX}-{app}", desiredStatus=desired)[
            "taskArns"
        ]
        return self.described_tasks(arns) if arns else []

    def described_tasks(self, arns: list[str]) -> list[Json]:
        return list(self.ecs.describe_tasks(cluster=f"{PREFIX}-cluster", tasks=arns)["tasks"])

    def healthy(self, app: str) -> int:
        """How many targets the load balancer sends requests to."""
        answer = self.elb.describe_target_health(TargetGroupArn=self.group(app))["TargetHealthDescriptions"]
        return sum(one["TargetHealth"]["State"] == "healthy" for one in answer)

    def running(self, app: str) -> str:
        """Name and number of the revision that serves."""
        return str(self.primary(app)["taskDefinition"]).rsplit("/", 1)[-1]

    def described(self, app: str) -> Json:
        return self.ecs.describe_task_definition(taskDefinition=self.running(app), include=["TAGS"])

    def tags(self, app: str) -> dict[str, str]:
        return {tag["key"]: tag["value"] for tag in self.described(app)["tags"]}

    def _items(self) -> list[dict[str, str]]:
        found = self.dynamodb.query(
            TableName=TABLE,
            KeyConditionExpression="environment = :environment",
            ExpressionAttributeValues={":environment": {"S": "production"}},
        )["Items"]
        return [{key: next(iter(value.values())) for key, value in item.items()} for item in found]

    def records(self) -> list[dict[str, str]]:
        """Who did what, the newest last."""
        return [item for item in self._items() if item["release"] != "LOCK"]

    def lock(self) -> dict[str, str] | None:
        return next((item for item in self._items() if item["release"] == "LOCK"), None)

    def put_lock(self, owner: str, expires_at: int) -> None:
        item = {
            "environment": "production",
            "release": "LOCK",
            "owner": owner,
            "who": owner,
            "what": "deploy",
            "since": "then",
        }
        typed = {key: {"S": value} for key, value in item.items()} | {"expires_at": {"N": str(expires_at)}}
        self.dynamodb.put_item(TableName=TABLE, Item=typed)

    def drop_lock(self) -> None:
        self.dynamodb.delete_item(TableName=TABLE, Key={"environment": {"S": "production"}, "release": {"S": "LOCK"}})


class Script:
    """One of the scripts while it runs."""

    def __init__(self, world: World, name: str, words: tuple[str, ...], environment: dict[str, str]) -> None:
        self._started = time.monotonic()
        self._output = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [str(world.checkout / "scripts" / name), *words],
            env=world.environment | environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def text(self) -> str:
        """So far. The place in the file is the script's, which may be writing."""
        return os.pread(self._output.fileno(), MOST_SAID, 0).decode()

    def outcome(self) -> Outcome:
        status = self.process.wait(timeout=400)
        return Outcome(status, self.text(), time.monotonic() - self._started)
