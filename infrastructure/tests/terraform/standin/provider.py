#!/usr/bin/env python3
"""A stand-in for the Terraform provider hashicorp/aws, for machines that cannot fetch it.

Arguments are those of the real one (bindings.py), so Terraform itself validates and plans. Apply goes to AWS_ENDPOINT_URL
with boto3 (apply/), or is made up where no endpoint is set. What it does not know: most checks of single values, and which
changes replace a resource; those that hurt most are in checks.py.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys
from typing import Any

import checks
import plugin
import sources
from apply import registry
from protocol import Protocol
from values import UNKNOWN, decode, encode, mark_computed, settle

NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}
ERROR = 1


class Provider:
    def __init__(self, protocol: Protocol, schema: dict[str, Any]) -> None:
        self.protocol = protocol
        self.schema = schema
        self.config: dict[str, Any] = {}

    def _response(self, name: str) -> Any:
        return self.protocol.message(f"{name}.Response")()

    def _describe(self, block: dict[str, Any], out: Any) -> None:
        for attribute in block["attributes"]:
            flags = {key: attribute[key] for key in ("required", "optional", "computed", "sensitive")}
            out.attributes.add(name=attribute["name"], type=json.dumps(attribute["type"]).encode(), **flags)
        for inner in block["blocks"]:
            nested = out.block_types.add(
                type_name=inner["name"], nesting=NESTING[inner["mode"]], min_items=inner["min"], max_items=inner["max"]
            )
            nested.block.SetInParent()
            self._describe(inner["block"], nested.block)

    def _schema(self, block: dict[str, Any]) -> Any:
        message = self.protocol.message("Schema")()
        message.block.SetInParent()
        self._describe(block, message.block)
        return message

    def GetSchema(self, request: Any, context: Any) -> Any:
        response = self._response("GetProviderSchema")
        # "alias" is Terraform's own word.
        provider = dict(self.schema["provider"])
        provider["attributes"] = [a for a in provider["attributes"] if a["name"] != "alias"]
        response.provider.CopyFrom(self._schema(provider))
        for name, block in self.schema["resource"].items():
            response.resource_schemas[name].CopyFrom(self._schema(block))
        for name, block in self.schema["data"].items():
            response.data_source_schemas[name].CopyFrom(self._schema(block))
        return response

    def PrepareProviderConfig(self, request: Any, context: Any) -> Any:
        response = self._response("PrepareProviderConfig")
        response.prepared_config.CopyFrom(request.config)
        return response

    def ValidateResourceTypeConfig(self, request: Any, context: Any) -> Any:
        response = self._response("ValidateResourceTypeConfig")
        for problem in checks.problems(request.type_name, decode(request.config.msgpack)):
            response.diagnostics.add(severity=ERROR, summary=f"{request.type_name}: {problem}")
        return response

    def ValidateDataSourceConfig(self, request: Any, context: Any) -> Any:
        return self._response("ValidateDataSourceConfig")

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:
        response = self._response("UpgradeResourceState")
        response.upgraded_state.json = request.raw_state.json
        return response

    def Configure(self, request: Any, context: Any) -> Any:
        self.config = decode(request.config.msgpack) or {}
        response = self._response("Configure")
        allowed = self.config.get("allowed_account_ids")
        account = sources.account_id()
        if allowed and account not in allowed:
            response.diagnostics.add(severity=ERROR, summary=f"AWS account ID not allowed: {account}")
        return response

    def ReadResource(self, request: Any, context: Any) -> Any:
        response = self._response("ReadResource")
        response.new_state.CopyFrom(request.current_state)
        response.private = request.private
        return response

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        response = self._response("PlanResourceChange")
        response.legacy_type_system = True
        block = self.schema["resource"][request.type_name]
        prior, planned = decode(request.prior_state.msgpack), decode(request.proposed_new_state.msgpack)
        if planned is None:
            response.planned_state.CopyFrom(request.proposed_new_state)
            return response
        if prior is None:
            mark_computed(block, decode(request.config.msgpack), planned)
        names = {attribute["name"] for attribute in block["attributes"]}
        if "region" in names and planned.get("region") in (None, UNKNOWN):
            planned["region"] = self._region()
        if "tags_all" in names:
            tags = planned.get("tags")
            planned["tags_all"] = UNKNOWN if tags is UNKNOWN else {**self._default_tags(), **(tags or {})}
        for name in checks.REPLACING.get(request.type_name, ()) if prior is not None else ():
            if prior[name] != planned[name]:
                response.requires_replace.add().steps.add(attribute_name=name)
        response.planned_state.msgpack = encode(planned)
        return response

    def _region(self) -> str:
        return self.config.get("region") or "us-east-1"

    def _default_tags(self) -> dict[str, str]:
        blocks = self.config.get("default_tags") or [{}]
        return blocks[0].get("tags") or {}

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:
        response = self._response("ApplyResourceChange")
        response.legacy_type_system = True
        prior, planned = decode(request.prior_state.msgpack), decode(request.planned_state.msgpack)
        block = self.schema["resource"][request.type_name]
        try:
            new = registry.change(request.type_name, prior, planned, self._region())
        except Exception as problem:  # whatever AWS said belongs to the user
            response.diagnostics.add(severity=ERROR, summary=f"{request.type_name}: {problem}")
            response.new_state.CopyFrom(request.prior_state)
            return response
        if new is not None:
            settle(block, new)
        response.new_state.msgpack = encode(new)
        return response

    def ReadDataSource(self, request: Any, context: Any) -> Any:
        response = self._response("ReadDataSource")
        block = self.schema["data"][request.type_name]
        config = decode(request.config.msgpack)
        try:
            value = sources.read(request.type_name, config, self._region())
        except Exception as problem:
            response.diagnostics.add(severity=ERROR, summary=f"{request.type_name}: {problem}")
            return response
        state = {entry["name"]: config.get(entry["name"]) for entry in block["attributes"] + block["blocks"]}
        response.state.msgpack = encode({**state, **value})
        return response

    def Stop(self, request: Any, context: Any) -> Any:
        return self._response("Stop")


def main() -> int:
    schema = json.loads(pathlib.Path(os.environ["STANDIN_SCHEMA"]).read_text())
    protocol = Protocol(pathlib.Path(os.environ["STANDIN_PROTOCOL"]).read_bytes())
    return plugin.serve(protocol, Provider(protocol, schema))


if __name__ == "__main__":
    sys.exit(main())
