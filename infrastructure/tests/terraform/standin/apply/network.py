"""VPC, subnets, routes, security groups, flow logs."""

from __future__ import annotations

from typing import Any

from apply.aws import client, given, tags
from apply.registry import Value, creates, deletes


def _named(kind: str, planned: Value) -> list[Value]:
    return [{"ResourceType": kind, "Tags": tags(planned)}] if tags(planned) else []


def _arn(kind: str, identifier: str) -> str:
    account = client("sts").get_caller_identity()["Account"]
    return f"arn:aws:ec2:us-east-1:{account}:{kind}/{identifier}"


@creates("aws_vpc")
def vpc(planned: Value) -> Value:
    made = client("ec2").create_vpc(CidrBlock=planned["cidr_block"], TagSpecifications=_named("vpc", planned))["Vpc"]
    for argument, attribute in (("enable_dns_support", "EnableDnsSupport"), ("enable_dns_hostnames", "EnableDnsHostnames")):
        client("ec2").modify_vpc_attribute(VpcId=made["VpcId"], **{attribute: {"Value": planned[argument]}})
    return {"id": made["VpcId"], "arn": _arn("vpc", made["VpcId"])}


@deletes("aws_vpc")
def _(prior: Value) -> None:
    client("ec2").delete_vpc(VpcId=prior["id"])


@creates("aws_internet_gateway")
def internet_gateway(planned: Value) -> Value:
    made = client("ec2").create_internet_gateway(TagSpecifications=_named("internet-gateway", planned))["InternetGateway"]
    client("ec2").attach_internet_gateway(InternetGatewayId=made["InternetGatewayId"], VpcId=planned["vpc_id"])
    return {"id": made["InternetGatewayId"]}


@deletes("aws_internet_gateway")
def _(prior: Value) -> None:
    client("ec2").detach_internet_gateway(InternetGatewayId=prior["id"], VpcId=prior["vpc_id"])
    client("ec2").delete_internet_gateway(InternetGatewayId=prior["id"])


@creates("aws_subnet")
def subnet(planned: Value) -> Value:
    made = client("ec2").create_subnet(
        VpcId=planned["vpc_id"], CidrBlock=planned["cidr_block"], AvailabilityZone=planned["availability_zone"],
        TagSpecifications=_named("subnet", planned),
    )["Subnet"]
    return {"id": made["SubnetId"], "arn": made["SubnetArn"]}


@deletes("aws_subnet")
def _(prior: Value) -> None:
    client("ec2").delete_subnet(SubnetId=prior["id"])


@creates("aws_eip")
def address(planned: Value) -> Value:
    made = client("ec2").allocate_address(Domain=planned["domain"], TagSpecifications=_named("elastic-ip", planned))
    return {"id": made["AllocationId"], "allocation_id": made["AllocationId"], "public_ip": made["PublicIp"]}


@deletes("aws_eip")
def _(prior: Value) -> None:
    client("ec2").release_address(AllocationId=prior["id"])


@creates("aws_nat_gateway")
def nat_gateway(planned: Value) -> Value:
    made = client("ec2").create_nat_gateway(
        SubnetId=planned["subnet_id"], AllocationId=planned["allocation_id"], TagSpecifications=_named("natgateway", planned)
    )["NatGateway"]
    return {"id": made["NatGatewayId"]}


@deletes("aws_nat_gateway")
def _(prior: Value) -> None:
    client("ec2").delete_nat_gateway(NatGatewayId=prior["id"])


@creates("aws_route_table")
def route_table(planned: Value) -> Value:
    made = client("ec2").create_route_table(VpcId=planned["vpc_id"], TagSpecifications=_named("route-table", planned))
    identifier = made["RouteTable"]["RouteTableId"]
    return {"id": identifier, "arn": _arn("route-table", identifier), "route": []}


@deletes("aws_route_table")
def _(prior: Value) -> None:
    client("ec2").delete_route_table(RouteTableId=prior["id"])


@creates("aws_route")
def route(planned: Value) -> Value:
    client("ec2").create_route(
        RouteTableId=planned["route_table_id"], DestinationCidrBlock=planned["destination_cidr_block"],
        **given(GatewayId=_text(planned["gateway_id"]), NatGatewayId=_text(planned["nat_gateway_id"])),
    )
    return {"id": f"r-{planned['route_table_id']}-{planned['destination_cidr_block']}"}


def _text(value: Any) -> str | None:
    """A computed argument that nobody gave is not known yet, which here means not given."""
    return value if isinstance(value, str) else None


@deletes("aws_route")
def _(prior: Value) -> None:
    client("ec2").delete_route(RouteTableId=prior["route_table_id"], DestinationCidrBlock=prior["destination_cidr_block"])


@creates("aws_route_table_association")
def association(planned: Value) -> Value:
    made = client("ec2").associate_route_table(RouteTableId=planned["route_table_id"], SubnetId=planned["subnet_id"])
    return {"id": made["AssociationId"]}


@deletes("aws_route_table_association")
def _(prior: Value) -> None:
    client("ec2").disassociate_route_table(AssociationId=prior["id"])


@creates("aws_vpc_endpoint")
def endpoint(planned: Value) -> Value:
    made = client("ec2").create_vpc_endpoint(
        VpcId=planned["vpc_id"], ServiceName=planned["service_name"], VpcEndpointType=planned["vpc_endpoint_type"],
        RouteTableIds=planned["route_table_ids"], TagSpecifications=_named("vpc-endpoint", planned),
    )["VpcEndpoint"]
    return {"id": made["VpcEndpointId"]}


@deletes("aws_vpc_endpoint")
def _(prior: Value) -> None:
    client("ec2").delete_vpc_endpoints(VpcEndpointIds=[prior["id"]])


def _revoke_all(group: str) -> None:
    """What EC2 puts into a new group by itself; Terraform's provider takes it out as well."""
    found = client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    if found["IpPermissionsEgress"]:
        client("ec2").revoke_security_group_egress(GroupId=group, IpPermissions=found["IpPermissionsEgress"])
    if found["IpPermissions"]:
        client("ec2").revoke_security_group_ingress(GroupId=group, IpPermissions=found["IpPermissions"])


@creates("aws_security_group")
def security_group(planned: Value) -> Value:
    group = client("ec2").create_security_group(
        GroupName=planned["name"], Description=planned["description"], VpcId=planned["vpc_id"],
        TagSpecifications=_named("security-group", planned),
    )["GroupId"]
    _revoke_all(group)
    return {"id": group, "arn": _arn("security-group", group), "ingress": [], "egress": []}


@deletes("aws_security_group")
def _(prior: Value) -> None:
    client("ec2").delete_security_group(GroupId=prior["id"])


@creates("aws_default_security_group")
def default_group(planned: Value) -> Value:
    groups = client("ec2").describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [planned["vpc_id"]]}, {"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"]
    _revoke_all(groups[0]["GroupId"])
    return {"id": groups[0]["GroupId"], "arn": _arn("security-group", groups[0]["GroupId"]), "ingress": [], "egress": []}


@deletes("aws_default_security_group")
def _(prior: Value) -> None:
    """It goes with its VPC."""


def _permission(planned: Value) -> Value:
    permission: Value = {"IpProtocol": planned["ip_protocol"], "FromPort": int(planned["from_port"]), "ToPort": int(planned["to_port"])}
    if planned.get("referenced_security_group_id"):
        permission["UserIdGroupPairs"] = [
            {"GroupId": planned["referenced_security_group_id"], "Description": planned["description"]}
        ]
    if planned.get("cidr_ipv4"):
        permission["IpRanges"] = [{"CidrIp": planned["cidr_ipv4"], "Description": planned["description"]}]
    return permission


def _rule(direction: str) -> None:
    @creates(f"aws_vpc_security_group_{direction}_rule")
    def make(planned: Value) -> Value:
        authorize = getattr(client("ec2"), f"authorize_security_group_{direction}")
        made = authorize(GroupId=planned["security_group_id"], IpPermissions=[_permission(planned)])
        rule = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        return {"id": rule, "security_group_rule_id": rule, "arn": _arn("security-group-rule", rule)}

    @deletes(f"aws_vpc_security_group_{direction}_rule")
    def _(prior: Value) -> None:
        revoke = getattr(client("ec2"), f"revoke_security_group_{direction}")
        revoke(GroupId=prior["security_group_id"], IpPermissions=[_permission(prior)])


for _direction in ("ingress", "egress"):
    _rule(_direction)


@creates("aws_flow_log")
def flow_log(planned: Value) -> Value:
    group = planned["log_destination"].split(":log-group:")[1]
    made = client("ec2").create_flow_logs(
        ResourceIds=[planned["vpc_id"]], ResourceType="VPC", TrafficType=planned["traffic_type"], LogGroupName=group,
        LogDestinationType=planned["log_destination_type"], DeliverLogsPermissionArn=planned["iam_role_arn"],
    )
    if made.get("Unsuccessful"):
        raise RuntimeError(made["Unsuccessful"][0]["Error"]["Message"])
    return {"id": made["FlowLogIds"][0], "arn": _arn("vpc-flow-log", made["FlowLogIds"][0])}


@deletes("aws_flow_log")
def _(prior: Value) -> None:
    client("ec2").delete_flow_logs(FlowLogIds=[prior["id"]])
