"""Writes the schema that the stand-in provider serves.

    extract.py TARBALL CONFIGURATION OUTPUT

TARBALL is the npm package of bindings, CONFIGURATION the folder of .tf files whose types are wanted.
"""

from __future__ import annotations

import json
import pathlib
import re
import sys
from typing import Any

import bindings
import waf_statement

DECLARATION = re.compile(r'^(resource|data) "(aws_\w+)"', re.M)


def wanted_types(configuration: pathlib.Path) -> dict[str, set[str]]:
    wanted: dict[str, set[str]] = {"resource": set(), "data": set()}
    for file in configuration.glob("*.tf"):
        for kind, name in DECLARATION.findall(file.read_text()):
            wanted[kind].add(name)
    return wanted


def untyped(block: dict[str, Any], path: str) -> list[str]:
    """Where a set holds something untyped, which Terraform's protocol has no way to say."""
    bad = [f"{path}.{a['name']}" for a in block["attributes"] if isinstance(a["type"], list) and "dynamic" in json.dumps(a["type"])]
    for inner in block["blocks"]:
        bad += untyped(inner["block"], f"{path}.{inner['name']}")
    return bad


def main() -> int:
    tarball, configuration, output = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    schema = bindings.read(tarball, wanted_types(configuration))
    waf_statement.put_into(schema)
    bad = [place for kind in ("resource", "data") for name, block in schema[kind].items() for place in untyped(block, name)]
    if bad:
        print("Untyped values in lists or sets:", *bad, file=sys.stderr)
        return 1
    output.write_text(json.dumps(schema))
    print(f"hashicorp/aws {schema['version']}: {len(schema['resource'])} resources, {len(schema['data'])} data sources", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
