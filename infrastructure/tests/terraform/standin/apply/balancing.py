"""Load balancer, target groups, listeners."""

from __future__ import annotations

from apply.aws import client, first, given, tags
from apply.registry import Value, changes, creates, deletes


def _set_attributes(arn: str, planned: Value) -> None:
    log = first(planned, "access_logs")
    attributes = {
        "idle_timeout.timeout_seconds": int(planned["idle_timeout"]),
        "deletion_protection.enabled": planned["enable_deletion_protection"],
        "routing.http.drop_invalid_header_fields.enabled": planned["drop_invalid_header_fields"],
        "access_logs.s3.enabled": log["enabled"], "access_logs.s3.bucket": log["bucket"], "access_logs.s3.prefix": log["prefix"],
    }
    client("elbv2").modify_load_balancer_attributes(
        LoadBalancerArn=arn, Attributes=[{"Key": k, "Value": str(v).lower()} for k, v in attributes.items()]
    )


@creates("aws_lb")
def balancer(planned: Value) -> Value:
    made = client("elbv2").create_load_balancer(
        Name=planned["name"], Type=planned["load_balancer_type"], Subnets=list(planned["subnets"]),
        SecurityGroups=list(planned["security_groups"]), Scheme="internal" if planned["internal"] else "internet-facing",
        Tags=tags(planned),
    )["LoadBalancers"][0]
    arn = made["LoadBalancerArn"]
    _set_attributes(arn, planned)
    return {
        "id": arn, "arn": arn, "dns_name": made["DNSName"], "zone_id": made["CanonicalHostedZoneId"],
        "arn_suffix": arn.split(":loadbalancer/")[1], "vpc_id": made["VpcId"],
    }


@changes("aws_lb")
def change_balancer(planned: Value) -> Value:
    _set_attributes(planned["arn"], planned)
    return {}


@deletes("aws_lb")
def _(prior: Value) -> None:
    client("elbv2").delete_load_balancer(LoadBalancerArn=prior["id"])


@creates("aws_lb_target_group")
def target_group(planned: Value) -> Value:
    elb, check = client("elbv2"), first(planned, "health_check")
    arn = elb.create_target_group(
        Name=planned["name"], Protocol=planned["protocol"], Port=int(planned["port"]), VpcId=planned["vpc_id"],
        TargetType=planned["target_type"], HealthCheckPath=check["path"], Matcher={"HttpCode": check["matcher"]},
        HealthCheckIntervalSeconds=int(check["interval"]), HealthCheckTimeoutSeconds=int(check["timeout"]),
        HealthyThresholdCount=int(check["healthy_threshold"]), UnhealthyThresholdCount=int(check["unhealthy_threshold"]),
        Tags=tags(planned),
    )["TargetGroups"][0]["TargetGroupArn"]
    # AWS takes up to 3600 s, as it says; the emulation says so too, but refuses the last.
    delay = min(int(planned["deregistration_delay"]), 3599)
    attributes = [{"Key": "deregistration_delay.timeout_seconds", "Value": str(delay)}]
    if isinstance(planned.get("load_balancing_algorithm_type"), str):
        attributes.append({"Key": "load_balancing.algorithm.type", "Value": planned["load_balancing_algorithm_type"]})
    elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=attributes)
    return {"id": arn, "arn": arn, "arn_suffix": arn.split(":")[-1]}


@deletes("aws_lb_target_group")
def _(prior: Value) -> None:
    client("elbv2").delete_target_group(TargetGroupArn=prior["id"])


def _action(planned: Value) -> Value:
    action: Value = {"Type": planned["type"], **given(TargetGroupArn=planned.get("target_group_arn"))}
    if redirect := first(planned, "redirect"):
        action["RedirectConfig"] = {
            "Protocol": redirect["protocol"], "Port": redirect["port"], "StatusCode": redirect["status_code"]
        }
    if answer := first(planned, "fixed_response"):
        action["FixedResponseConfig"] = {
            "ContentType": answer["content_type"], "StatusCode": answer["status_code"], "MessageBody": answer["message_body"]
        }
    return action


@creates("aws_lb_listener")
def listener(planned: Value) -> Value:
    certificate = planned.get("certificate_arn")
    arn = client("elbv2").create_listener(
        LoadBalancerArn=planned["load_balancer_arn"], Protocol=planned["protocol"], Port=int(planned["port"]),
        DefaultActions=[_action(action) for action in planned["default_action"]],
        **given(
            SslPolicy=planned["ssl_policy"] if planned["protocol"] == "HTTPS" else None,
            Certificates=[{"CertificateArn": certificate}] if certificate else None,
        ),
    )["Listeners"][0]["ListenerArn"]
    return {"id": arn, "arn": arn}


@changes("aws_lb_listener")
def change_listener(planned: Value) -> Value:
    client("elbv2").modify_listener(
        ListenerArn=planned["arn"], DefaultActions=[_action(action) for action in planned["default_action"]]
    )
    return {}


@deletes("aws_lb_listener")
def _(prior: Value) -> None:
    client("elbv2").delete_listener(ListenerArn=prior["id"])


@creates("aws_lb_listener_rule")
def listener_rule(planned: Value) -> Value:
    conditions = []
    for condition in planned["condition"]:
        if hosts := first(condition, "host_header"):
            conditions.append({"Field": "host-header", "HostHeaderConfig": {"Values": list(hosts["values"])}})
        if paths := first(condition, "path_pattern"):
            conditions.append({"Field": "path-pattern", "PathPatternConfig": {"Values": list(paths["values"])}})
    arn = client("elbv2").create_rule(
        ListenerArn=planned["listener_arn"], Priority=int(planned["priority"]), Conditions=conditions,
        Actions=[_action(action) for action in planned["action"]],
    )["Rules"][0]["RuleArn"]
    return {"id": arn, "arn": arn}


@deletes("aws_lb_listener_rule")
def _(prior: Value) -> None:
    client("elbv2").delete_rule(RuleArn=prior["id"])
