"""Reads the schema of hashicorp/aws out of its generated npm bindings.

The bindings are generated from the provider's own schema, and their text still says everything about an argument: its
name, type, whether it is required, optional or computed, and how blocks nest. It is read as text; nothing is executed.
"""

from __future__ import annotations

import re
import tarfile
from dataclasses import dataclass, field
from typing import Any

CtyType = Any  # Terraform's JSON notation: "string", ["list", "string"], ["object", {...}]

CLASS = re.compile(r"^class (\w+) extends cdktn\.(\w+) \{", re.M)
ARGUMENT = re.compile(
    r"// (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\n"
    r"(.*?)(?=\n    // \w+ - computed:|\n    // =+\n|\Z)",
    re.S,
)
HELPER = re.compile(r'^\s*_\w+ = new ((?:cdktn\.)?\w+)\(this, "(\w+)"(?:, (true|false))?\);', re.M)
GETTER = re.compile(r"(cdktn\.Fn\.tolist\()?this\.(get\w+Attribute|interpolationForAttribute)\('(\w+)'\)")
HCL_FUNCTION = re.compile(r"^function (\w+)ToHclTerraform\(struct\) \{(.*?)^\}", re.M | re.S)
HCL_METHOD = re.compile(r"synthesizeHclAttributes\(\) \{(.*?)^    \}", re.M | re.S)
HCL_ENTRY = re.compile(
    r'^ +(\w+): \{\n +value: .*\n +isBlock: (?:true|false),\n +type: "(\w+)",\n +storageClassType: "(\w+)",', re.M
)
RESOURCE_TYPE = re.compile(r'static tfResourceType = "(\w+)"')

GETTER_TYPES: dict[str, CtyType] = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": ["list", "string"],
    "getNumberListAttribute": ["list", "number"],
    "interpolationForAttribute": "dynamic",
}
STORAGE_TYPES: dict[str, CtyType] = {
    "string": "string",
    "number": "number",
    "boolean": "bool",
    "any": "dynamic",
    "stringList": ["list", "string"],
    "numberList": ["list", "number"],
    "stringMap": ["map", "string"],
    "booleanMap": ["map", "bool"],
    "numberMap": ["map", "number"],
    "stringListList": ["list", ["list", "string"]],
    "stringListMap": ["map", ["list", "string"]],
    "stringMapList": ["list", ["map", "string"]],
}
HELPER_TYPES: dict[str, CtyType] = {
    "StringMap": ["map", "string"],
    "BooleanMap": ["map", "bool"],
    "NumberMap": ["map", "number"],
    "StringListMap": ["map", ["list", "string"]],
    "StringMapList": ["list", ["map", "string"]],
    "StringListList": ["list", ["list", "string"]],
}
SENSITIVE = {"password", "secret_string", "auth_token", "random_password"}


@dataclass
class Argument:
    name: str
    computed: bool
    optional: bool
    required: bool
    type: CtyType = None
    nested: list[Argument] = field(default_factory=list)
    mode: str = ""  # of nested ones: single, list, set or map
    single: bool = False


def as_set(type_: CtyType) -> CtyType:
    return ["set", *type_[1:]] if isinstance(type_, list) and type_[0] == "list" else type_


class Module:
    """One file of the bindings: a resource, a data source or the provider, with the classes of its blocks."""

    def __init__(self, text: str) -> None:
        found = list(CLASS.finditer(text))
        ends = [match.start() for match in found[1:]] + [len(text)]
        self.classes = {m[1]: (m[2], text[m.end() : end]) for m, end in zip(found, ends)}
        self.hcl = {m[1].lower(): self._entries(m[2]) for m in HCL_FUNCTION.finditer(text)}
        self.known: dict[str, list[Argument]] = {}

    @staticmethod
    def _entries(text: str) -> dict[str, tuple[str, str]]:
        return {m[1]: (m[2], m[3]) for m in HCL_ENTRY.finditer(text)}

    def top(self) -> tuple[str, str, list[Argument]]:
        """(kind, type name, arguments) of the class that the file is about."""
        for kind, body in self.classes.values():
            if kind not in ("TerraformResource", "TerraformDataSource", "TerraformProvider"):
                continue
            name = RESOURCE_TYPE.search(body)
            method = HCL_METHOD.search(body)
            entries = self._entries(method[1]) if method else {}
            if kind == "TerraformProvider":
                return kind, "aws", self._provider_arguments(entries)
            assert name
            return kind, name[1], self._arguments(body, entries)
        raise ValueError("no resource in this file")

    def _arguments(self, body: str, entries: dict[str, tuple[str, str]]) -> list[Argument]:
        return [self._argument(match, entries.get(match[1])) for match in ARGUMENT.finditer(body)]

    def _argument(self, match: re.Match[str], entry: tuple[str, str] | None) -> Argument:
        argument = Argument(match[1], match[2] == "true", match[3] == "true", match[4] == "true")
        rest = match[5]
        helper = HELPER.search(rest)
        if helper is None:
            argument.type = self._plain_type(rest, entry)
            return argument
        name, wraps_set = helper[1], helper[3] == "true"
        if name.startswith("cdktn."):
            argument.type = HELPER_TYPES.get(name.removeprefix("cdktn."), "dynamic")
            return argument
        base = re.sub(r"(OutputReference|List|Map)$", "", name)
        inner = base + "OutputReference"
        if inner not in self.classes:
            argument.type = "dynamic"
            return argument
        argument.single = name.endswith("OutputReference")
        argument.mode = "set" if wraps_set or (entry and entry[0] == "set") else "list"
        if (entry and entry[0] == "struct") or base.endswith("Timeouts"):
            argument.mode = "single"
        elif name.endswith("Map"):
            argument.mode = "map"
        argument.nested = self._nested(inner, base)
        return argument

    def _nested(self, inner: str, base: str) -> list[Argument]:
        if inner not in self.known:
            self.known[inner] = self._arguments(self.classes[inner][1], self.hcl.get(base.lower(), {}))
        return self.known[inner]

    @staticmethod
    def _plain_type(rest: str, entry: tuple[str, str] | None) -> CtyType:
        getter = GETTER.search(rest)
        type_: CtyType = "dynamic"
        if getter:
            type_ = GETTER_TYPES.get(getter[2], "dynamic")
        if entry and entry[1] in STORAGE_TYPES:
            type_ = STORAGE_TYPES[entry[1]]
        if (getter and getter[1]) or (entry and entry[0] == "set"):
            type_ = as_set(type_)
        return type_

    def _provider_arguments(self, entries: dict[str, tuple[str, str]]) -> list[Argument]:
        # The provider's class has no getters: what can be set is all there is.
        arguments = []
        for name, (mode, storage) in entries.items():
            argument = Argument(name, False, True, False)
            if storage in STORAGE_TYPES:
                argument.type = as_set(STORAGE_TYPES[storage]) if mode == "set" else STORAGE_TYPES[storage]
            else:
                base = re.sub(r"List$", "", storage)
                argument.mode = "set" if mode == "set" else "list"
                argument.nested = self._provider_arguments(self.hcl.get(base.lower(), {}))
            arguments.append(argument)
        return arguments


def object_type(argument: Argument) -> CtyType:
    inner = {a.name: object_type(a) if a.mode else a.type for a in argument.nested}
    return ["object", inner] if argument.mode == "single" else [argument.mode, ["object", inner]]


def block(arguments: list[Argument]) -> dict[str, Any]:
    attributes, blocks = [], []
    for argument in sorted(arguments, key=lambda a: a.name):
        flags = {"computed": argument.computed, "optional": argument.optional, "required": argument.required}
        if not argument.mode:
            sensitive = argument.name in SENSITIVE
            attributes.append({"name": argument.name, "type": argument.type, "sensitive": sensitive, **flags})
        elif argument.computed:  # written as a value, not as a block
            attributes.append({"name": argument.name, "type": object_type(argument), "sensitive": False, **flags})
        else:
            blocks.append({
                "name": argument.name,
                "mode": argument.mode,
                "min": int(argument.required and argument.mode in ("list", "set")),
                "max": int(argument.single and argument.mode != "single"),
                "block": block(argument.nested),
            })
    return {"attributes": attributes, "blocks": blocks}


def file_of(kind: str, type_name: str) -> str:
    folder = type_name.removeprefix("aws_").replace("_", "-")
    return f"package/lib/{'data-aws-' if kind == 'data' else ''}{folder}/index.js"


def read(tarball: str, wanted: dict[str, set[str]]) -> dict[str, Any]:
    """The schema of the wanted types ({"resource": {...}, "data": {...}}); a type that does not exist is left out."""
    files = {file_of(kind, name): (kind, name) for kind, names in wanted.items() for name in names}
    files["package/lib/provider/index.js"] = ("provider", "aws")
    schema: dict[str, Any] = {"version": "", "provider": None, "resource": {}, "data": {}}
    with tarfile.open(tarball, "r|gz") as archive:
        for member in archive:
            if member.name not in files:
                continue
            content = archive.extractfile(member)
            assert content
            text = content.read().decode()
            kind, name = files[member.name]
            _, found, arguments = Module(text).top()
            if kind == "provider":
                schema["provider"] = block(arguments)
                version = re.search(r"providers/hashicorp/aws/(\d+\.\d+\.\d+)/docs", text)
                assert version
                schema["version"] = version[1]
            else:
                # Names of the bindings' folders are not always the type's: the type says what it is.
                assert found.removeprefix("data_") == name, f"{member.name} is {found}"
                schema[kind][name] = block(arguments)
    return schema
