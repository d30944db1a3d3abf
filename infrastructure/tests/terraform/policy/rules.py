"""The register of rules. A rule says what is wrong with a plan; beside it stands a change that it must notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from plan import Change, Plan

Find = Callable[[Plan], Iterator[str]]


@dataclass
class Rule:
    title: str
    find: Find
    breaks: list[Change]


RULES: list[Rule] = []


def rule(title: str, *breaks: Change) -> Callable[[Find], Find]:
    """Every change of `breaks` alone must make the rule complain."""

    def register(find: Find) -> Find:
        assert breaks, f"{title}: nothing shows that it can fail"
        RULES.append(Rule(title, find, list(breaks)))
        return find

    return register


def expect(what: str, found: Any, wanted: Any) -> Iterator[str]:
    if found != wanted:
        yield f"{what} is {found!r}, not {wanted!r}"
