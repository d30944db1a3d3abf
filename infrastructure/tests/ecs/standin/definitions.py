"""Task definitions: registered, validated as Fargate does, listed, tagged."""

from __future__ import annotations

import time
from typing import Any

from .errors import client_error
from .settings import Settings

Json = dict[str, Any]

FARGATE_MEMORY: dict[str, range | tuple[int, ...]] = {
    "256": (512, 1024, 2048),
    "512": range(1024, 4097, 1024),
    "1024": range(2048, 8193, 1024),
    "2048": range(4096, 16385, 1024),
    "4096": range(8192, 30721, 1024),
    "8192": range(16384, 61441, 4096),
    "16384": range(32768, 122881, 8192),
}
LONGEST_STOP_TIMEOUT = 120


def validate_fargate(definition: Json) -> None:
    if definition.get("networkMode") != "awsvpc":
        raise client_error("Fargate only supports network mode 'awsvpc'.")
    cpu, memory = str(definition.get("cpu", "")), str(definition.get("memory", ""))
    if not memory.isdigit() or int(memory) not in FARGATE_MEMORY.get(cpu, ()):
        raise client_error(f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory.")
    needs_execution_role = False
    for container in definition["containerDefinitions"]:
        if container.get("stopTimeout", 0) > LONGEST_STOP_TIMEOUT:
            raise client_error("Container.stopTimeout must be at most 120 seconds on Fargate.")
        uses_logs = container.get("logConfiguration", {}).get("logDriver") == "awslogs"
        needs_execution_role = needs_execution_role or uses_logs or bool(container.get("secrets"))
    if needs_execution_role and not definition.get("executionRoleArn"):
        raise client_error("Fargate requires task definition to have execution role ARN to support log driver awslogs.")


class Definitions:
    def __init__(self, settings: Settings) -> None:
        self._arn = settings.arn
        self._families: dict[str, list[Json]] = {}
        self._tags: dict[str, dict[str, str]] = {}

    def register(self, request: Json) -> Json:
        if not request.get("containerDefinitions"):
            raise client_error("Container list cannot be empty.")
        if "FARGATE" in request.get("requiresCompatibilities", []):
            validate_fargate(request)
        revisions = self._families.setdefault(request["family"], [])
        revision = len(revisions) + 1
        arn = f"{self._arn}task-definition/{request['family']}:{revision}"
        definition = {key: value for key, value in request.items() if key != "tags"}
        definition |= {
            "taskDefinitionArn": arn,
            "revision": revision,
            "status": "ACTIVE",
            "registeredAt": time.time(),
            "compatibilities": ["EC2", "FARGATE"],
        }
        revisions.append(definition)
        self._tags[arn] = {tag["key"]: tag["value"] for tag in request.get("tags", [])}
        return definition

    def find(self, reference: str) -> Json:
        """By ARN, family:revision, or family (its newest active revision)."""
        family, _, revision = reference.split("task-definition/")[-1].partition(":")
        revisions = self._families.get(family, [])
        if revision:
            found = [one for one in revisions if str(one["revision"]) == revision]
        else:
            found = [one for one in revisions if one["status"] == "ACTIVE"]
        if not found:
            raise client_error("Unable to describe task definition.")
        return found[-1]

    def find_active(self, reference: str) -> Json:
        found = self.find(reference)
        if found["status"] != "ACTIVE":
            raise client_error("TaskDefinition is inactive")
        return found

    def deregister(self, reference: str) -> Json:
        definition = self.find(reference)
        definition["status"] = "INACTIVE"
        return definition

    def listed(self, family: str, status: str, descending: bool) -> list[str]:
        """A family prefix is the whole name of a family, as AWS has it."""
        found = [
            one
            for name, revisions in self._families.items()
            for one in revisions
            if (not family or name == family) and one["status"] == status
        ]
        found.sort(key=lambda one: (one["family"], one["revision"]), reverse=descending)
        return [one["taskDefinitionArn"] for one in found]

    def tags(self, arn: str) -> list[dict[str, str]]:
        return [{"key": key, "value": value} for key, value in self._tags.get(arn, {}).items()]

    def tag(self, arn: str, tags: list[dict[str, str]]) -> None:
        self.find(arn)
        self._tags[arn] |= {tag["key"]: tag["value"] for tag in tags}
