"""The one argument that the bindings leave untyped: a WAF rule's statement, which nests in itself.

Only what a firewall of ours may plausibly use is described; the rest is refused like a misspelt name.
"""

from __future__ import annotations

from typing import Any

Block = dict[str, Any]


def _attribute(name: str, type_: Any, required: bool = False) -> Block:
    return {
        "name": name, "type": type_, "sensitive": False, "computed": False, "optional": not required, "required": required
    }


def _nested(name: str, attributes: list[Block], blocks: list[Block], least: int = 0, most: int = 1, mode: str = "list") -> Block:
    return {"name": name, "mode": mode, "min": least, "max": most, "block": {"attributes": attributes, "blocks": blocks}}


def _byte_match() -> Block:
    fields = [_nested(name, [], []) for name in ("uri_path", "query_string", "method", "all_query_arguments")]
    fields.append(_nested("single_header", [_attribute("name", "string", True)], []))
    return _nested(
        "byte_match_statement",
        [_attribute("search_string", "string", True), _attribute("positional_constraint", "string", True)],
        [
            _nested("field_to_match", [], fields),
            _nested(
                "text_transformation",
                [_attribute("priority", "number", True), _attribute("type", "string", True)],
                [], least=1, most=0, mode="set",
            ),
        ],
    )


def _managed_group() -> Block:
    actions = [_nested(name, [], []) for name in ("allow", "block", "captcha", "challenge", "count")]
    override = _nested(
        "rule_action_override",
        [_attribute("name", "string", True)],
        [_nested("action_to_use", [], actions, least=1)],
        most=100,
    )
    names = [_attribute("name", "string", True), _attribute("vendor_name", "string", True), _attribute("version", "string")]
    return _nested("managed_rule_group_statement", names, [override])


def statement(depth: int, name: str = "statement", least: int = 1, most: int = 1) -> Block:
    kinds = [
        _byte_match(),
        _managed_group(),
        _nested("geo_match_statement", [_attribute("country_codes", ["list", "string"], True)], []),
        _nested("ip_set_reference_statement", [_attribute("arn", "string", True)], []),
    ]
    if depth > 0:
        limits = [
            _attribute("limit", "number", True),
            _attribute("aggregate_key_type", "string"),
            _attribute("evaluation_window_sec", "number"),
        ]
        kinds.append(_nested("rate_based_statement", limits, [statement(depth - 1, "scope_down_statement", least=0)]))
        kinds.append(_nested("not_statement", [], [statement(depth - 1)]))
        kinds.extend(_nested(f"{word}_statement", [], [statement(depth - 1, most=0)]) for word in ("and", "or"))
    return _nested(name, [], kinds, least=least, most=most)


def put_into(schema: dict[str, Any]) -> None:
    for rule in schema["resource"].get("aws_wafv2_web_acl", {}).get("blocks", []):
        if rule["name"] == "rule":
            inner = rule["block"]
            inner["attributes"] = [a for a in inner["attributes"] if a["name"] != "statement"]
            inner["blocks"].append(statement(3))
