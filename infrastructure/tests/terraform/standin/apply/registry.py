"""Which function makes, changes and deletes a resource of which type. One file below for each group of services."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import Any

from apply import aws, made_up

Value = dict[str, Any]
Create = Callable[[Value], Value]
Delete = Callable[[Value], Any]

GROUPS = ("network", "balancing", "compute", "identity", "databases", "storage", "watching", "edge")
_create: dict[str, Create] = {}
_delete: dict[str, Delete] = {}
_change: dict[str, Create] = {}


def creates(type_name: str, repeatable: bool = False) -> Callable[[Create], Create]:
    """The function takes what is planned and returns what AWS computed. Repeatable ones serve for changes as well."""

    def register(function: Create) -> Create:
        _create[type_name] = function
        if repeatable:
            _change[type_name] = function
        return function

    return register


def changes(type_name: str) -> Callable[[Create], Create]:
    def register(function: Create) -> Create:
        _change[type_name] = function
        return function

    return register


def deletes(type_name: str) -> Callable[[Delete], Delete]:
    def register(function: Delete) -> Delete:
        _delete[type_name] = function
        return function

    return register


@cache
def _load() -> None:
    for group in GROUPS:
        importlib.import_module(f"apply.{group}")


def handled() -> set[str]:
    _load()
    return set(_create)


def change(type_name: str, prior: Value | None, planned: Value | None, region: str) -> Value | None:
    _load()
    if planned is None:
        if aws.reachable() and type_name in _delete and prior is not None:
            _delete[type_name](prior)
        return None
    if not aws.reachable():
        if prior is not None:
            return planned
        return {**planned, **made_up.compute(type_name, planned, region)}
    if prior is None:
        return {**planned, **_create[type_name](planned)}
    # What has no function is Terraform's own to remember, such as force_destroy.
    if type_name in _change:
        return {**planned, **_change[type_name](planned)}
    return planned
