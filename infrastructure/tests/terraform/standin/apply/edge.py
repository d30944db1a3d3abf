"""Certificate, names, firewall."""

from __future__ import annotations

from typing import Any

from apply.aws import client, first, given, tags
from apply.registry import Value, creates, deletes
from values import UNKNOWN


@creates("aws_acm_certificate")
def certificate(planned: Value) -> Value:
    arn = client("acm").request_certificate(
        DomainName=planned["domain_name"], SubjectAlternativeNames=list(planned["subject_alternative_names"]),
        ValidationMethod=planned["validation_method"], Tags=tags(planned),
    )["CertificateArn"]
    found = client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    options = [
        {
            "domain_name": option["DomainName"], "resource_record_name": option["ResourceRecord"]["Name"],
            "resource_record_type": option["ResourceRecord"]["Type"], "resource_record_value": option["ResourceRecord"]["Value"],
        }
        for option in found["DomainValidationOptions"]
    ]
    return {"id": arn, "arn": arn, "domain_validation_options": options, "status": found["Status"]}


@deletes("aws_acm_certificate")
def _(prior: Value) -> None:
    client("acm").delete_certificate(CertificateArn=prior["arn"])


@creates("aws_acm_certificate_validation")
def validation(planned: Value) -> Value:
    client("acm").describe_certificate(CertificateArn=planned["certificate_arn"])
    return {"id": planned["certificate_arn"]}


@deletes("aws_acm_certificate_validation")
def _(prior: Value) -> None:
    """Nothing was made."""


def _record(planned: Value, action: str) -> None:
    record: Value = {"Name": planned["name"], "Type": planned["type"]}
    if alias := first(planned, "alias"):
        record["AliasTarget"] = {
            "DNSName": alias["name"], "HostedZoneId": alias["zone_id"], "EvaluateTargetHealth": alias["evaluate_target_health"]
        }
    else:
        record |= {"TTL": int(planned["ttl"]), "ResourceRecords": [{"Value": value} for value in planned["records"]]}
    client("route53").change_resource_record_sets(
        HostedZoneId=planned["zone_id"], ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    )


@creates("aws_route53_record", repeatable=True)
def record(planned: Value) -> Value:
    _record(planned, "UPSERT")
    return {"id": f"{planned['zone_id']}_{planned['name']}_{planned['type']}", "fqdn": planned["name"].rstrip(".")}


@deletes("aws_route53_record")
def _(prior: Value) -> None:
    _record(prior, "DELETE")


# Names that AWS writes in another case than all others.
_CAPITALS = {"arn": "ARN", "ip_set_reference_statement": "IPSetReferenceStatement"}


def _camel(name: str) -> str:
    return _CAPITALS.get(name) or "".join(part.capitalize() for part in name.split("_"))


# Statements are blocks of which exactly one is set; AWS' names are Terraform's in another case. These differ.
_LISTS = {"statement": "Statements"}


def _convert(value: Any) -> Any:
    """A block of Terraform as AWS' structure: blocks that occur once become one structure, what is not set goes."""
    if value is None or value is UNKNOWN:
        return None
    if not isinstance(value, dict):
        return int(value) if isinstance(value, float) else value
    out: Value = {}
    for name, inner in value.items():
        if inner in (None, [], "") or inner is UNKNOWN:
            continue
        if not (isinstance(inner, list) and isinstance(inner[0], dict)):
            out[_camel(name)] = _convert(inner)
        elif name == "statement" and len(inner) > 1:
            out[_LISTS[name]] = [_convert(one) for one in inner]
        elif name in ("rule_action_override", "text_transformation"):
            out[_camel(name) + "s"] = [_convert(one) for one in inner]
        else:
            out[_camel(name)] = _convert(inner[0])
    if "SearchString" in out:
        out["SearchString"] = out["SearchString"].encode()
    return out


def _web_rule(planned: Value) -> Value:
    rule: Value = {
        "Name": planned["name"], "Priority": int(planned["priority"]), "Statement": _convert(first(planned, "statement")),
        "VisibilityConfig": _visibility(first(planned, "visibility_config")),
    }
    if first(planned, "action").get("block"):
        response = first(first(first(planned, "action"), "block"), "custom_response")
        rule["Action"] = {"Block": given(CustomResponse={"ResponseCode": int(response["response_code"])} if response else None)}
    else:
        rule["OverrideAction"] = {"None": {}}
    return rule


def _visibility(planned: Value) -> Value:
    return {
        "SampledRequestsEnabled": planned["sampled_requests_enabled"], "MetricName": planned["metric_name"],
        "CloudWatchMetricsEnabled": planned["cloudwatch_metrics_enabled"],
    }


@creates("aws_wafv2_ip_set")
def ip_set(planned: Value) -> Value:
    made = client("wafv2").create_ip_set(
        Name=planned["name"], Scope=planned["scope"], Description=planned["description"],
        IPAddressVersion=planned["ip_address_version"], Addresses=list(planned["addresses"]), Tags=tags(planned),
    )["Summary"]
    return {"id": made["Id"], "arn": made["ARN"], "lock_token": made["LockToken"]}


@deletes("aws_wafv2_ip_set")
def _(prior: Value) -> None:
    client("wafv2").delete_ip_set(Name=prior["name"], Scope=prior["scope"], Id=prior["id"], LockToken=prior["lock_token"])


@creates("aws_wafv2_web_acl")
def web_acl(planned: Value) -> Value:
    made = client("wafv2").create_web_acl(
        Name=planned["name"], Scope=planned["scope"], Description=planned["description"], DefaultAction={"Allow": {}},
        Rules=[_web_rule(rule) for rule in planned["rule"]], VisibilityConfig=_visibility(first(planned, "visibility_config")),
        Tags=tags(planned),
    )["Summary"]
    return {"id": made["Id"], "arn": made["ARN"], "lock_token": made["LockToken"]}


@deletes("aws_wafv2_web_acl")
def _(prior: Value) -> None:
    client("wafv2").delete_web_acl(Name=prior["name"], Scope=prior["scope"], Id=prior["id"], LockToken=prior["lock_token"])


@creates("aws_wafv2_web_acl_association")
def web_acl_association(planned: Value) -> Value:
    client("wafv2").associate_web_acl(WebACLArn=planned["web_acl_arn"], ResourceArn=planned["resource_arn"])
    return {"id": f"{planned['web_acl_arn']},{planned['resource_arn']}"}


@deletes("aws_wafv2_web_acl_association")
def _(prior: Value) -> None:
    client("wafv2").disassociate_web_acl(ResourceArn=prior["resource_arn"])


@creates("aws_wafv2_web_acl_logging_configuration")
def web_acl_logging(planned: Value) -> Value:
    client("wafv2").put_logging_configuration(
        LoggingConfiguration={
            "ResourceArn": planned["resource_arn"], "LogDestinationConfigs": list(planned["log_destination_configs"]),
            "RedactedFields": [_convert(field) for field in planned["redacted_fields"]],
        }
    )
    return {"id": planned["resource_arn"]}


@deletes("aws_wafv2_web_acl_logging_configuration")
def _(prior: Value) -> None:
    client("wafv2").delete_logging_configuration(ResourceArn=prior["resource_arn"])
