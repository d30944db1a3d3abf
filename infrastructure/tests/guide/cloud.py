"""The AWS account of the guide's reader: empty at first. Terraform makes records of everything in moto; what of it runs is
then brought to life: stores by stores.py, tasks as containers by the ECS stand-in, behind HAProxy. Runs inside of a Docker
engine's network (images/with-engine.sh)."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
from bucket import Roles
from images_world import CONTEXT, container_of
from machine import ACCOUNT, FAST, REGION, REPOSITORY, Machine, haproxy, until
from premises import GATEWAY, NETWORK, Premises
from premises import PREFIX as NETWORK_PREFIX
from stores import Stores

GUIDE = Path(__file__).resolve().parent
# As hosts of both environments, and the backends that stand for their target groups.
ROUTES = {
    "api.retellai-mvp.com": "retell-prod-api",
    "app.retellai-mvp.com": "retell-prod-web",
    "api.staging.retellai-mvp.com": "retell-staging-api",
    "staging.retellai-mvp.com": "retell-staging-web",
}
# The guide speaks of revisions 41 and 42 of the API: those that its own deployments make, when so many were before.
FIRST_REVISION = 40
DEFINITION = (
    "family", "networkMode", "cpu", "memory", "requiresCompatibilities", "executionRoleArn", "taskRoleArn",
    "containerDefinitions", "volumes",
)  # fmt: skip
SERVICE = (
    "serviceName", "desiredCount", "networkConfiguration", "loadBalancers", "deploymentConfiguration", "taskDefinition",
)  # fmt: skip
ECR = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
# A machine that also compiles may take a moment to answer.
HEALTH = FAST | {"timeout": 3.0, "unhealthy_after": 5}
# As ecs_api.tf and ecs_web.tf have them (policy/service_rules.py sees to that); moto forgets them.
GRACE = 60
BREAKER = {
    "minimumHealthyPercent": 100,
    "deploymentCircuitBreaker": {"enable": True, "rollback": True},
}
MOST_PERCENT = {"api": 300, "web": 200}


class Cloud(Machine):
    def __init__(self, terraform: dict[str, str]) -> None:
        super().__init__()
        self._premises: Premises | None = None
        # Of each family: the container as Terraform defined it.
        self.defined: dict[str, dict[str, Any]] = {}
        try:
            self._open(terraform)
        except BaseException:
            self.close()
            raise

    def _open(self, terraform: dict[str, str]) -> None:
        for name in ("home", "images"):
            (self.folder / name).mkdir()
        server = [f"{terraform['RETELL_TOOLS']}/python", str(REPOSITORY / "infrastructure/tests/terraform/moto/server.py")]
        # An ordinary account has AWS's own policies.
        self.moto = self.start_moto(server, env=os.environ | {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"})
        self.start_balancer(ROUTES, haproxy.HTTPS)
        self._premises = Premises(self, ECR)
        self._open_registry()
        self._make_checkout()
        self.environment = self._environment(terraform)

    def _open_registry(self) -> None:
        """With what ECR tells as its password. The stand-in pulls with a login of its own, as execution roles do."""
        assert self._premises is not None
        token = self.client("ecr").get_authorization_token()["authorizationData"][0]["authorizationToken"]
        password = base64.b64decode(token).decode().partition(":")[2]
        self._premises.start_registry(password)
        os.environ["DOCKER_CONFIG"] = str(self.folder / "execution-role")
        login = ["docker", "login", "--username", "AWS", "--password-stdin", ECR]
        until(
            "the registry",
            lambda: subprocess.run(login, input=password.encode(), capture_output=True).returncode == 0,
        )

    def _environment(self, terraform: dict[str, str]) -> dict[str, str]:
        tests = REPOSITORY / "infrastructure/tests"
        path = [str(GUIDE / "shim"), str(tests / "deploy/shim-engine"), str(Path(sys.executable).parent), terraform["PATH"]]
        return {
            "PATH": ":".join(path),
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "TF_CLI_CONFIG_FILE": terraform["TF_CLI_CONFIG_FILE"],
            "AWS_ENDPOINT_URL": self.moto,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "GUIDE_ECS": str(self.folder / "ecs.url"),
            "SHIM_AWS": str(tests / "deploy/shim/aws"),
            "SHIM_AWS_SOCKET": str(self.folder / "aws.sock"),
            "SHIM_DOCKER": str(shutil.which("docker")),
            "DOCKER_HOST": os.environ["DOCKER_HOST"],
            "RETELL_DEPLOY_POLL_SECONDS": "0.3",
            "RETELL_DEPLOY_TIMEOUT": "240",
            "RETELL_DEPLOY_ALARM_SECONDS": "5",
            "RETELL_DEPLOY_ACTOR": "reader",
            "RETELL_SMOKE_CONNECT": f"127.0.0.1:{haproxy.HTTPS}",
            "CURL_CA_BUNDLE": str(self.folder / "authority.pem"),
        }

    def _make_checkout(self) -> None:
        """What the commands of the guide touch."""
        self.copy_to_checkout(*CONTEXT, "infrastructure/terraform", "infrastructure/prices")
        self.start_repository()

    def client(self, name: str, url: str = "") -> Any:
        keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
        return boto3.client(name, endpoint_url=url or self.moto, region_name=REGION, **keys)

    def come_to_life(self) -> None:
        """After Terraform: stores serve, and ECS starts what it was told of. There are no images yet, as on the first day of
        an account."""
        assert self._premises is not None
        self.stores = Stores(self, self._premises, self.client, self.moto)
        balancing = self.client("elbv2")
        groups = {
            one["TargetGroupArn"]: {"backend": one["TargetGroupName"], "health_path": one["HealthCheckPath"], **HEALTH}
            for one in balancing.describe_target_groups()["TargetGroups"]
        }
        engine = {"host": GATEWAY, "docker_network": NETWORK, "docker_options": [*self.stores.options(), *Roles.options()]}
        self._url = self.start_ecs(self.moto, groups, NETWORK_PREFIX, **engine)
        records, self.ecs = self.client("ecs"), self.client("ecs", self._url)
        families = records.list_task_definition_families()["families"]
        for family in families:
            described = records.describe_task_definition(taskDefinition=family)["taskDefinition"]
            wanted = {key: described[key] for key in DEFINITION if described.get(key)}
            self.defined[family] = described["containerDefinitions"][0]
            for _ in range(FIRST_REVISION if family == "retell-prod-api" else 1):
                self.ecs.register_task_definition(**wanted)
        for arn in records.list_clusters()["clusterArns"]:
            cluster = arn.rsplit("/", 1)[-1]
            self.ecs.create_cluster(clusterName=cluster)
            names = records.list_services(cluster=cluster)["serviceArns"]
            for service in records.describe_services(cluster=cluster, services=names)["services"]:
                wanted = {key: service[key] for key in SERVICE if key in service}
                wanted["healthCheckGracePeriodSeconds"] = GRACE
                wanted["deploymentConfiguration"] = (
                    BREAKER
                    | {"maximumPercent": MOST_PERCENT[service["serviceName"].rsplit("-", 1)[-1]]}
                    | wanted.get("deploymentConfiguration", {})
                )
                wanted["taskDefinition"] = service["taskDefinition"].rsplit("/", 1)[-1].split(":")[0]
                self.ecs.create_service(cluster=cluster, **wanted)
        self.roles = Roles(self.client("sts"), self._role_of)
        self._load_cli()
        (self.folder / "ecs.url").write_text(self._url)

    def _role_of(self, address: str) -> str | None:
        """That of the task which has the address."""
        ecs = self.client("ecs", self._url)
        for cluster in self.client("ecs").list_clusters()["clusterArns"]:
            arns = ecs.list_tasks(cluster=cluster)["taskArns"]
            for task in ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []:
                if container_of(task) == f"task-{address}":
                    defined = ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])["taskDefinition"]
                    return str(defined["taskRoleArn"])
        return None

    def _load_cli(self) -> None:
        """Loaded once, now that the reader has configured it; a deploy is some fifty commands of half a second each
        otherwise."""
        server = ["/usr/bin/python3", str(REPOSITORY / "infrastructure/tests/deploy/aws_server.py")]
        self.spawn("aws", [*server, self.environment["SHIM_AWS_SOCKET"]], env=self.environment)
        until("the AWS CLI", Path(self.environment["SHIM_AWS_SOCKET"]).exists)

    def target_group(self) -> str:
        found = self.client("elbv2").describe_target_groups(Names=["retell-prod-api"])
        return str(found["TargetGroups"][0]["TargetGroupArn"])

    def close(self) -> None:
        if self._premises is not None:
            self._premises.close()
        super().close()
