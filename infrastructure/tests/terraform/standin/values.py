"""Values as Terraform sends them: MessagePack, with an extension for what is not known yet."""

from __future__ import annotations

from typing import Any

import msgpack


class Unknown:
    def __repr__(self) -> str:
        return "(known after apply)"


UNKNOWN = Unknown()


def encode(value: Any) -> bytes:
    packed: bytes = msgpack.packb(value, default=lambda _: msgpack.ExtType(0, b"\x00"), use_bin_type=True)
    return packed


def decode(data: bytes) -> Any:
    return msgpack.unpackb(data, raw=False, strict_map_key=False, ext_hook=lambda code, data: UNKNOWN)


def mark_computed(block: dict[str, Any], config: dict[str, Any] | None, planned: dict[str, Any]) -> None:
    """In a resource to be made: what the provider computes and the configuration does not say is not known yet."""
    for attribute in block["attributes"]:
        name = attribute["name"]
        if attribute["computed"] and (config is None or config.get(name) is None):
            planned[name] = UNKNOWN
    for inner in block["blocks"]:
        name = inner["name"]
        given, out = (config or {}).get(name), planned.get(name)
        if isinstance(out, list) and isinstance(given, list):
            for one_given, one_out in zip(given, out):
                if isinstance(one_out, dict):
                    mark_computed(inner["block"], one_given, one_out)
        elif isinstance(out, dict):
            mark_computed(inner["block"], given, out)


def _zero(type_: Any) -> Any:
    if isinstance(type_, list):
        return {"map": {}, "list": [], "set": []}.get(type_[0])
    return {"string": "", "bool": False, "number": 0}.get(type_)


def settle(block: dict[str, Any], value: dict[str, Any]) -> None:
    """After apply nothing may stay unknown: what no handler has told becomes empty."""
    for attribute in block["attributes"]:
        if value.get(attribute["name"]) is UNKNOWN:
            value[attribute["name"]] = _zero(attribute["type"])
    for inner in block["blocks"]:
        found = value.get(inner["name"])
        for element in found if isinstance(found, list) else [found]:
            if isinstance(element, dict):
                settle(inner["block"], element)
