"""Finds what Terraform 1.6, which the guide installs, does not know.

    lint16.py FILES...          prints each finding; fails when there is one
    lint16.py --self-test       proves that every rule finds its example, and that plain HCL passes
"""

from __future__ import annotations

import pathlib
import re
import sys
from collections.abc import Iterator

# since when, what, its pattern, an example
NEWER: list[tuple[str, str, str, str]] = [
    ("1.7", "removed block", r"^removed\s*\{", "removed {\n}"),
    ("1.7", "for_each in import", r"^import\s*\{[^}]*for_each", "import {\n  for_each = {}\n}"),
    ("1.7", "mock_provider", r"^\s*mock_(?:provider|resource|data)\b", 'mock_provider "aws" {}'),
    ("1.7", "override", r"^\s*override_(?:resource|data|module)\s*\{", "override_data {\n}"),
    ("1.8", "provider function", r"\bprovider::\w+", "x = provider::aws::arn_parse(y)"),
    ("1.8", "issensitive", r"\bissensitive\(", "x = issensitive(var.y)"),
    ("1.9", "templatestring", r"\btemplatestring\(", "x = templatestring(local.y, {})"),
    ("1.10", "ephemeral", r"^\s*ephemeral\b", 'ephemeral "aws_secretsmanager_secret_version" "x" {}'),
    ("1.10", "ephemeralasnull", r"\bephemeralasnull\(", "x = ephemeralasnull(var.y)"),
    ("1.10", "lock file in S3", r"^\s*use_lockfile\b", "use_lockfile = true"),
    ("1.10", "terraform.applying", r"\bterraform\.applying\b", "x = terraform.applying"),
    ("1.11", "write-only argument", r"^\s*\w+_wo(?:_version)?\s*=", "secret_string_wo = var.x"),
    ("1.11", "state_key in tests", r"^\s*state_key\s*=", 'state_key = "x"'),
    ("1.12", "parallel tests", r"^\s*parallel\s*=", "parallel = true"),
    ("1.14", "action block", r"^action\s+\"", 'action "aws_lambda_invoke" "x" {}'),
]
PATTERNS = [(since, what, re.compile(pattern, re.M)) for since, what, pattern, _ in NEWER]
VARIABLE = re.compile(r'^variable "(\w+)" \{$(.*?)^\}', re.M | re.S)
REFERENCE = re.compile(r"\b(?:var\.(\w+)|(local|data|module)\.\w+)")
COMMENT = re.compile(r"(?m)(?:^|(?<=\s))(?:#|//).*$")
PLAIN = 'variable "x" {\n  validation {\n    condition = var.x > 1 # removed {\n  }\n}\n'
CROSSING = 'variable "x" {\n  validation {\n    condition = var.x > var.y\n  }\n}\n'


def findings(text: str) -> Iterator[str]:
    text = COMMENT.sub("", text)
    for since, what, pattern in PATTERNS:
        for match in pattern.finditer(text):
            yield f"line {text.count(chr(10), 0, match.start()) + 1}: {what} came with {since}"
    # Before 1.9 a variable's validation saw that variable alone.
    for variable in VARIABLE.finditer(text):
        for reference in REFERENCE.finditer(variable[2]):
            if reference[1] != variable[1]:
                yield f"validation of {variable[1]} refers to {reference[0]}, which came with 1.9"


def self_test() -> int:
    missed = [what for _, what, _, example in NEWER if not list(findings(example))]
    if not list(findings(CROSSING)):
        missed.append("validation across variables")
    false = list(findings(PLAIN))
    for what in missed:
        print(f"not found: {what}")
    for finding in false:
        print(f"found in plain HCL: {finding}")
    return 1 if missed or false else 0


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    found = [f"{path}: {finding}" for path in sys.argv[1:] for finding in findings(pathlib.Path(path).read_text())]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
