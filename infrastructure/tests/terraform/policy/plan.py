"""A Terraform plan as JSON, made easy to ask and, for the negative checks, easy to spoil."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

Values = dict[str, Any]
Change = Callable[["Plan"], None]


class Plan:
    """Name: production, staging, or small, which is production with the profile of that name."""

    def __init__(self, document: dict[str, Any], name: str) -> None:
        self.document = document
        self.name = name
        self.resources: list[dict[str, Any]] = document["planned_values"]["root_module"]["resources"]
        self.short_name = "staging" if name == "staging" else "prod"
        self.prefix = f"retell-{self.short_name}"

    def copied(self) -> Plan:
        return Plan(copy.deepcopy(self.document), self.name)

    @property
    def production(self) -> bool:
        return self.name != "staging"

    @property
    def https(self) -> bool:
        return bool(self.document["variables"].get("certificate_validated", {}).get("value"))

    def planned(self, address: str) -> bool:
        return any(resource["address"] == address for resource in self.resources)

    def by_type(self, type_name: str) -> dict[str, Values]:
        """Address to values, of the managed resources of a type."""
        return {r["address"]: r["values"] for r in self.resources if r["type"] == type_name and r["mode"] == "managed"}

    def at(self, address: str) -> Values:
        for resource in self.resources:
            if resource["address"] == address:
                values: Values = resource["values"]
                return values
        raise LookupError(f"{address} is not planned")

    def written(self, address: str) -> Values:
        """What stands in the configuration: a constant_value, or references to what the value is made of."""
        for resource in self.document["configuration"]["root_module"]["resources"]:
            if resource["address"] == address:
                expressions: Values = resource["expressions"]
                return expressions
        raise LookupError(f"{address} is not configured")

    def containers(self) -> Iterator[tuple[str, Values, Values]]:
        """(family, task definition, container) of every container."""
        for values in self.by_type("aws_ecs_task_definition").values():
            for container in json.loads(values["container_definitions"]):
                yield values["family"], values, container

    def policies(self) -> Iterator[tuple[str, Values]]:
        """(address, statement) of every policy that hangs on a role."""
        for address, values in self.by_type("aws_iam_role_policy").items():
            for statement in json.loads(values["policy"])["Statement"]:
                yield address, statement


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def put(address: str, *path: str | int, to: Any) -> Change:
    """Sets one value, deep within a resource."""

    def change(plan: Plan) -> None:
        place: Any = plan.at(address)
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = to

    return change


def put_json(address: str, argument: str, edit: Callable[[Any], None]) -> Change:
    """Edits the document that a resource carries as text."""

    def change(plan: Plan) -> None:
        values = plan.at(address)
        document = json.loads(values[argument])
        edit(document)
        values[argument] = json.dumps(document)

    return change


def put_container(name: str, key: str, to: Any) -> Change:
    def edit(containers: Any) -> None:
        containers[0][key] = to

    return put_json(f"aws_ecs_task_definition.{name}", "container_definitions", edit)


def drop(*addresses: str) -> Change:
    def change(plan: Plan) -> None:
        before = len(plan.resources)
        plan.resources[:] = [r for r in plan.resources if r["address"] not in addresses]
        assert len(plan.resources) < before, f"none of {addresses} is planned"

    return change


def where(address: str, change: Change, otherwise: Change) -> Change:
    """For what not every environment has: the first where it is planned, else the other."""

    def either(plan: Plan) -> None:
        (change if plan.planned(address) else otherwise)(plan)

    return either
