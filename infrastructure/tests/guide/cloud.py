"""The AWS account of the guide's reader: empty at first. Terraform makes records of everything in moto; what of it runs is
then brought to life by the ECS stand-in, behind HAProxy."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import boto3
from machine import ECS, FAST, REGION, REPOSITORY, Machine

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
# Both as ecs_api.tf and ecs_web.tf have them (policy/service_rules.py sees to that); moto forgets them.
GRACE = 30
BREAKER = {
    "minimumHealthyPercent": 100,
    "maximumPercent": 200,
    "deploymentCircuitBreaker": {"enable": True, "rollback": True},
}


class Cloud(Machine):
    def __init__(self, terraform: dict[str, str]) -> None:
        super().__init__()
        for name in ("home", "images"):
            (self.folder / name).mkdir()
        server = [f"{terraform['RETELL_TOOLS']}/python", str(REPOSITORY / "infrastructure/tests/terraform/moto/server.py")]
        # An ordinary account has AWS's own policies.
        self.moto = self.start_moto(server, env=os.environ | {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"})
        self.balancer = self.start_balancer(ROUTES)
        self._make_checkout()
        self.environment = self._environment(terraform)

    def _environment(self, terraform: dict[str, str]) -> dict[str, str]:
        tests = REPOSITORY / "infrastructure/tests"
        path = [str(GUIDE / "shim"), str(tests / "deploy/shim"), str(Path(sys.executable).parent), terraform["PATH"]]
        return {
            "PATH": ":".join(path),
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "TF_CLI_CONFIG_FILE": terraform["TF_CLI_CONFIG_FILE"],
            "AWS_ENDPOINT_URL": self.moto,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "GUIDE_ECS": str(self.folder / "ecs.url"),
            "SHIM_IMAGES": str(self.folder / "images"),
            "SHIM_APPLICATION": str(ECS / "application.py"),
            "RETELL_DEPLOY_POLL_SECONDS": "0.3",
            "RETELL_DEPLOY_TIMEOUT": "120",
            "RETELL_DEPLOY_ACTOR": "reader",
            "RETELL_SMOKE_CONNECT": f"127.0.0.1:{self.balancer}",
            "CURL_CA_BUNDLE": str(self.folder / "authority.pem"),
        }

    def _make_checkout(self) -> None:
        """What the commands of the guide touch."""
        parts = ["scripts", "apps/api/migrations", "apps/api/Dockerfile", "apps/web/Dockerfile", ".gitignore"]
        self.copy_to_checkout(*parts, "infrastructure/terraform", "infrastructure/prices")
        self.start_repository()

    def _client(self, name: str, url: str) -> Any:
        return boto3.client(name, endpoint_url=url, region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")

    def come_to_life(self) -> None:
        """After Terraform: ECS starts what it was told of. There are no images yet, as on the first day of an account."""
        balancing = self._client("elbv2", self.moto)
        groups = {
            one["TargetGroupArn"]: {"backend": one["TargetGroupName"], "health_path": one["HealthCheckPath"], **FAST}
            for one in balancing.describe_target_groups()["TargetGroups"]
        }
        url = self.start_ecs(self.moto, groups, "127.95")
        records, living = self._client("ecs", self.moto), self._client("ecs", url)
        families = records.list_task_definition_families()["families"]
        for family in families:
            described = records.describe_task_definition(taskDefinition=family)["taskDefinition"]
            wanted = {key: described[key] for key in DEFINITION if described.get(key)}
            for _ in range(FIRST_REVISION if family == "retell-prod-api" else 1):
                living.register_task_definition(**wanted)
        for arn in records.list_clusters()["clusterArns"]:
            cluster = arn.rsplit("/", 1)[-1]
            living.create_cluster(clusterName=cluster)
            names = records.list_services(cluster=cluster)["serviceArns"]
            for service in records.describe_services(cluster=cluster, services=names)["services"]:
                wanted = {key: service[key] for key in SERVICE if key in service}
                wanted["healthCheckGracePeriodSeconds"] = GRACE
                wanted["deploymentConfiguration"] = BREAKER | wanted.get("deploymentConfiguration", {})
                wanted["taskDefinition"] = service["taskDefinition"].rsplit("/", 1)[-1].split(":")[0]
                living.create_service(cluster=cluster, **wanted)
        (self.folder / "ecs.url").write_text(url)

    def target_group(self) -> str:
        found = self._client("elbv2", self.moto).describe_target_groups(Names=["retell-prod-api"])
        return str(found["TargetGroups"][0]["TargetGroupArn"])
