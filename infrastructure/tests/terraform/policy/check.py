"""Holds the rules against plans and proves of each rule that it can fail.

    check.py NAME=PLAN.json...          prints a line for each fault, and at last "N passed, N failed"

A rule passes on a plan when it finds nothing; its spoilt copies pass when it finds something.
"""

from __future__ import annotations

import json
import pathlib
import sys

import data_rules
import network_rules
import service_rules
import watching_rules
from plan import Plan
from rules import RULES, Rule

assert data_rules and network_rules and service_rules and watching_rules  # they register themselves


def complaints(rule: Rule, plan: Plan) -> list[str]:
    try:
        return list(rule.find(plan))
    except LookupError as missing:
        return [str(missing)]


def main() -> int:
    passed = failed = 0
    for argument in sys.argv[1:]:
        name, path = argument.split("=", 1)
        plan = Plan(json.loads(pathlib.Path(path).read_text()), name)
        for rule in RULES:
            found = complaints(rule, plan)
            for complaint in found:
                print(f"FAIL {name}: {rule.title}: {complaint}")
            passed, failed = passed + (not found), failed + bool(found)
            noticed = 0
            for change in rule.breaks:
                spoilt = plan.copied()
                change(spoilt)
                noticed += bool(complaints(rule, spoilt))
            if noticed < len(rule.breaks):
                print(f"FAIL {name}: {rule.title}: {len(rule.breaks) - noticed} of {len(rule.breaks)} faults unnoticed")
            passed, failed = passed + (noticed == len(rule.breaks)), failed + (noticed < len(rule.breaks))
    print(f"{len(RULES)} rules, each held against its negative: {passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
