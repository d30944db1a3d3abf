"""VPC, subnets, ways out, security groups, load balancer."""

from __future__ import annotations

import ipaddress
import pathlib
import re
from collections.abc import Iterator

from plan import Plan, Values, drop, put, where
from rules import expect, rule

TIERS = ("public", "private", "database")
WORLD = "0.0.0.0/0"
NAT_GATEWAYS = {"production": 3, "small": 1, "staging": 1}
ROOT = pathlib.Path(__file__).resolve().parents[4]


def seconds_in(path: str, pattern: str) -> float:
    """A time in the product's own sources, which the load balancer must suit; whole seconds, or milliseconds as C++ writes them."""
    found = re.search(pattern, (ROOT / path).read_text())
    if found is None:
        raise LookupError(f"{path} does not say {pattern}")
    value = float(found[1].replace("'", ""))
    return value / 1000 if path.endswith(".hpp") else value


@rule("VPC is 10.0.0.0/16", put("aws_vpc.main", "cidr_block", to="10.1.0.0/16"))
def vpc(plan: Plan) -> Iterator[str]:
    yield from expect("VPC", plan.at("aws_vpc.main")["cidr_block"], "10.0.0.0/16")


@rule(
    "3 public, 3 private and 3 database subnets, each in a zone of its own",
    drop("aws_subnet.database[2]"),
    drop("aws_subnet.public[0]"),
    put("aws_subnet.private[1]", "availability_zone", to="us-east-1a"),
)
def subnets(plan: Plan) -> Iterator[str]:
    for tier in TIERS:
        zones = [v["availability_zone"] for a, v in plan.by_type("aws_subnet").items() if a.startswith(f"aws_subnet.{tier}[")]
        yield from expect(f"zones with {tier} subnets", sorted(zones), ["us-east-1a", "us-east-1b", "us-east-1c"])


@rule("Subnets lie within the VPC and do not overlap", put("aws_subnet.public[1]", "cidr_block", to="10.0.0.0/25"))
def ranges(plan: Plan) -> Iterator[str]:
    whole = ipaddress.ip_network(plan.at("aws_vpc.main")["cidr_block"])
    seen: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
    for address, values in plan.by_type("aws_subnet").items():
        network = ipaddress.ip_network(values["cidr_block"])
        if not network.subnet_of(whole):  # type: ignore[arg-type]
            yield f"{address} {network} is outside of {whole}"
        if any(network.overlaps(other) for other in seen):
            yield f"{address} {network} overlaps another subnet"
        seen.append(network)


@rule("No subnet gives public addresses away", put("aws_subnet.private[0]", "map_public_ip_on_launch", to=True))
def public_addresses(plan: Plan) -> Iterator[str]:
    for address, values in plan.by_type("aws_subnet").items():
        if values.get("map_public_ip_on_launch"):
            yield address


@rule(
    "Each zone of production goes out through a NAT gateway of its own, staging and the small profile share one",
    drop("aws_nat_gateway.main[0]"),
    put("aws_nat_gateway.main[0]", "subnet_id", to="subnet-private"),
    put("aws_route.private_nat[1]", "nat_gateway_id", to="nat-of-another-zone"),
)
def nat(plan: Plan) -> Iterator[str]:
    wanted = NAT_GATEWAYS[plan.name]
    public = {plan.at(f"aws_subnet.public[{index}]")["id"] for index in range(3)}
    gateways = {v["id"]: v["subnet_id"] for v in plan.by_type("aws_nat_gateway").values()}
    yield from expect("number of NAT gateways", len(gateways), wanted)
    yield from expect("number of public subnets with a NAT gateway", len(set(gateways.values()) & public), wanted)
    used = {plan.at(f"aws_route.private_nat[{index}]")["nat_gateway_id"] for index in range(3)}
    yield from expect("NAT gateways that private subnets use", used, set(gateways))


@rule(
    "Private subnets go out through a NAT gateway, databases do not go out",
    put("aws_route.private_nat[1]", "nat_gateway_id", to=None),
    put("aws_route.public_internet", "route_table_id", to="route_table-of-database"),
)
def routes(plan: Plan) -> Iterator[str]:
    public = plan.at("aws_route_table.public")["id"]
    private = {plan.at(f"aws_route_table.private[{i}]")["id"] for i in range(3)}
    routes = list(plan.by_type("aws_route").values())
    for table in private:
        if not any(r["route_table_id"] == table and r["nat_gateway_id"] for r in routes):
            yield f"private route table {table} has no NAT gateway"
    for route in routes:
        if route["route_table_id"] not in private | {public}:
            yield f"a route {route['destination_cidr_block']} in {route['route_table_id']}"


@rule(
    "S3 is reached through a gateway endpoint",
    put("aws_vpc_endpoint.s3", "vpc_endpoint_type", to="Interface"),
    put("aws_vpc_endpoint.s3", "service_name", to="com.amazonaws.us-east-1.dynamodb"),
    put("aws_vpc_endpoint.s3", "route_table_ids", to=["one", "two", "three"]),
)
def endpoint(plan: Plan) -> Iterator[str]:
    values = plan.at("aws_vpc_endpoint.s3")
    yield from expect("kind of the S3 endpoint", values["vpc_endpoint_type"], "Gateway")
    yield from expect("service of the endpoint", values["service_name"], "com.amazonaws.us-east-1.s3")
    private = {plan.at(f"aws_route_table.private[{index}]")["id"] for index in range(3)}
    yield from expect("its route tables", set(values["route_table_ids"]), private)


@rule("The VPC has flow logs", drop("aws_flow_log.vpc"), put("aws_flow_log.vpc", "traffic_type", to="ACCEPT"))
def flow_logs(plan: Plan) -> Iterator[str]:
    logged = {v["vpc_id"] for v in plan.by_type("aws_flow_log").values()}
    for address, values in plan.by_type("aws_vpc").items():
        if values["id"] not in logged:
            yield address
    wanted = "ALL" if plan.name == "production" else "REJECT"
    yield from expect("what is logged", plan.at("aws_flow_log.vpc")["traffic_type"], wanted)


@rule(
    "The world reaches the load balancer on 80 and 443, and nothing else",
    put('aws_vpc_security_group_ingress_rule.group["api_to_db"]', "cidr_ipv4", to=WORLD),
    put('aws_vpc_security_group_ingress_rule.alb_world["https"]', "to_port", to=8443),
    put("aws_security_group.database", "ingress", to=[{"cidr_blocks": [WORLD], "from_port": 5432, "to_port": 5432}]),
)
def open_ports(plan: Plan) -> Iterator[str]:
    alb = plan.at("aws_security_group.alb")["id"]
    for address, values in plan.by_type("aws_vpc_security_group_ingress_rule").items():
        if values.get("referenced_security_group_id"):
            if values.get("cidr_ipv4") or values.get("cidr_ipv6"):
                yield f"{address} names a group and addresses"
            continue
        ports = (values["from_port"], values["to_port"])
        if values["security_group_id"] != alb or ports not in ((80, 80), (443, 443)):
            yield f"{address} is open to {values.get('cidr_ipv4')} on {ports}"
    for address, values in plan.by_type("aws_security_group").items():
        if values.get("ingress") or values.get("egress"):
            yield f"{address} has rules of its own"


@rule(
    "Databases and Redis send nothing out of their own accord",
    put("aws_vpc_security_group_egress_rule.web_aws", "security_group_id", to="spoilt"),
)
def egress(plan: Plan) -> Iterator[str]:
    talkers = {plan.at(f"aws_security_group.{name}")["id"] for name in ("alb", "api", "web")}
    for address, values in plan.by_type("aws_vpc_security_group_egress_rule").items():
        if values["security_group_id"] not in talkers:
            yield address


@rule(
    "The default security group is closed",
    drop("aws_default_security_group.closed"),
    put("aws_default_security_group.closed", "ingress", to=[{"self": True}]),
)
def default_group(plan: Plan) -> Iterator[str]:
    values = plan.at("aws_default_security_group.closed")
    for direction in ("ingress", "egress"):
        yield from expect(f"default group's {direction}", values.get(direction) or [], [])


@rule(
    "The load balancer is public, in 3 subnets, logs, and is protected",
    put("aws_lb.main", "subnets", to=[]),
    put("aws_lb.main", "enable_deletion_protection", to=False),
    put("aws_lb.main", "internal", to=True),
    put("aws_lb.main", "access_logs", 0, "enabled", to=False),
    put("aws_lb.main", "drop_invalid_header_fields", to=False),
)
def balancer(plan: Plan) -> Iterator[str]:
    values = plan.at("aws_lb.main")
    yield from expect("load balancer's internal", values["internal"], False)
    yield from expect("number of its subnets", len(values["subnets"]), 3)
    yield from expect("its access log", values["access_logs"][0]["enabled"], True)
    yield from expect("dropping of invalid headers", values["drop_invalid_header_fields"], True)
    yield from expect("protection from deletion", values["enable_deletion_protection"], True)


@rule(
    "The load balancer outlasts our WebSockets' silence, and closes idle connections before the API and nginx do",
    put("aws_lb.main", "idle_timeout", to=15),
    put("aws_lb.main", "idle_timeout", to=3600),
)
def idle_times(plan: Plan) -> Iterator[str]:
    idle = plan.at("aws_lb.main")["idle_timeout"]
    # A peer that does not answer the ping is given up after twice its time; silence is never longer.
    ping = seconds_in("apps/api/src/net/websocket.hpp", r"ping_after\{\s*([\d']+)\}")
    if not idle > 2 * ping:
        yield f"the load balancer cuts after {idle} s, WebSockets may be silent for {2 * ping} s"
    # One that closes first does so while the load balancer sends it a request: the caller gets 502.
    for path, pattern in (
        ("apps/api/src/net/http_server.hpp", r"\bidle_timeout\{\s*([\d']+)\}"),
        ("apps/web/nginx/nginx.conf", r"\bkeepalive_timeout (\d+)s;"),
    ):
        kept = seconds_in(path, pattern)
        if not kept > idle:
            yield f"{path} closes idle connections after {kept} s, the load balancer only after {idle} s"


@rule(
    "HTTP redirects to HTTPS, or until there is a certificate serves the health routes alone",
    put("aws_lb_listener.http", "default_action", 0, "type", to="forward"),
    where(
        "aws_lb_listener.https[0]",
        put("aws_lb_listener.https[0]", "ssl_policy", to="ELBSecurityPolicy-2016-08"),
        put('aws_lb_listener_rule.host["web"]', "condition", to=[]),
    ),
    where(
        "aws_lb_listener.https[0]",
        drop("aws_lb_listener.https[0]"),
        put("aws_lb_listener.http", "default_action", 0, "type", to="redirect"),
    ),
)
def listeners(plan: Plan) -> Iterator[str]:
    https = [v for v in plan.by_type("aws_lb_listener").values() if v["port"] == 443]
    yield from expect("listeners for HTTPS", len(https), 1 if plan.https else 0)
    action = plan.at("aws_lb_listener.http")["default_action"][0]
    for listener in https:
        if not str(listener["ssl_policy"]).startswith("ELBSecurityPolicy-TLS13-1-2"):
            yield f"TLS policy {listener['ssl_policy']}"
        yield from expect("answer to HTTP", action["type"], "redirect")
        yield from expect("status of the redirect", action["redirect"][0]["status_code"], "HTTP_301")
    if not https:
        yield from expect("answer to HTTP without a certificate", action["type"], "fixed-response")
        for address, values in plan.by_type("aws_lb_listener_rule").items():
            paths = [c["path_pattern"][0]["values"] for c in values["condition"] if c.get("path_pattern")]
            yield from expect(f"paths of {address} without a certificate", paths, [["/health"]])


@rule(
    "Hosts are api. and app. of the domain, in staging api.staging. and staging.",
    put('aws_lb_listener_rule.host["api"]', "condition", 0, "host_header", 0, "values", to=["www.example.com"]),
)
def hosts(plan: Plan) -> Iterator[str]:
    domain = plan.document["variables"]["domain_name"]["value"]
    wanted = {"api": f"api.{domain}", "web": f"app.{domain}"}
    if not plan.production:
        wanted = {"api": f"api.staging.{domain}", "web": f"staging.{domain}"}
    for name, host in wanted.items():
        conditions = plan.at(f'aws_lb_listener_rule.host["{name}"]')["condition"]
        found = [c["host_header"][0]["values"] for c in conditions if c.get("host_header")]
        yield from expect(f"hosts of {name}", found, [[host]])


@rule(
    "Targets are asked at /health; the API's keep their calls for at least half an hour, the Web's leave before Spot does",
    put("aws_lb_target_group.api", "health_check", 0, "path", to="/"),
    put("aws_lb_target_group.api", "deregistration_delay", to="300"),
    put("aws_lb_target_group.web", "deregistration_delay", to="300"),
)
def targets(plan: Plan) -> Iterator[str]:
    for address, values in plan.by_type("aws_lb_target_group").items():
        yield from expect(f"{address}'s health path", values["health_check"][0]["path"], "/health")
    if int(plan.at("aws_lb_target_group.api")["deregistration_delay"]) < 1800:
        yield "the API's targets are gone within half an hour"
    if int(plan.at("aws_lb_target_group.web")["deregistration_delay"]) >= 120:
        yield "the Web's targets are still there when Spot has taken their machine"


def _rate_rule(plan: Plan) -> Values:
    rules = plan.at("aws_wafv2_web_acl.main[0]")["rule"]
    found: Values = next(r for r in rules if r["statement"][0]["rate_based_statement"])
    return found


def _spared(plan: Plan) -> list[Values]:
    """What the limit leaves out."""
    scope = _rate_rule(plan)["statement"][0]["rate_based_statement"][0]["scope_down_statement"][0]
    found: list[Values] = scope["not_statement"][0]["statement"][0]["or_statement"][0]["statement"]
    return found


def _limit_media(plan: Plan) -> None:
    _spared(plan).pop(0)


def _limit_calls_of_one_office(plan: Plan) -> None:
    _rate_rule(plan)["statement"][0]["rate_based_statement"][0]["limit"] = 100


def _only_count(plan: Plan) -> None:
    _rate_rule(plan)["action"] = [{"block": [], "count": [{}]}]


def _without_managed_rules(plan: Plan) -> None:
    values = plan.at("aws_wafv2_web_acl.main[0]")
    values["rule"] = [rule_ for rule_ in values["rule"] if not rule_["statement"][0]["managed_rule_group_statement"]]


@rule(
    "The firewall stands before the load balancer; its limit leaves media and the carrier out",
    drop("aws_wafv2_web_acl_association.alb[0]"),
    drop("aws_wafv2_web_acl.main[0]"),
    _limit_media,
    _limit_calls_of_one_office,
    _only_count,
    _without_managed_rules,
)
def firewall(plan: Plan) -> Iterator[str]:
    yield from expect("firewall of", plan.at("aws_wafv2_web_acl_association.alb[0]")["resource_arn"], plan.at("aws_lb.main")["arn"])
    rules = plan.at("aws_wafv2_web_acl.main[0]")["rule"]
    managed = [r["name"] for r in rules if r["statement"][0]["managed_rule_group_statement"]]
    yield from expect("number of managed groups", len(managed), 3)
    limits = [r["statement"][0]["rate_based_statement"] for r in rules if r["statement"][0]["rate_based_statement"]]
    yield from expect("number of rate limits", len(limits), 1)
    limit = limits[0][0]
    yield from expect("requests of one address", (limit["limit"], limit["evaluation_window_sec"]), (3000, 300))
    if not _rate_rule(plan)["action"][0]["block"]:
        yield "the limit refuses nothing"
    matches = [s["byte_match_statement"][0] for s in _spared(plan) if s["byte_match_statement"]]
    yield from expect("paths without a limit", sorted(m["search_string"] for m in matches), ["/media/", "/twilio/"])
    yield from expect("how they are matched", {m["positional_constraint"] for m in matches}, {"STARTS_WITH"})


def _trust_a_set_of_somebody(plan: Plan) -> None:
    _spared(plan).append({"byte_match_statement": [], "ip_set_reference_statement": [{"arn": "arn:of-somebody"}]})


def _count_everybody(plan: Plan) -> None:
    _spared(plan)[:] = [s for s in _spared(plan) if not s["ip_set_reference_statement"]]


@rule(
    "The limit leaves out the addresses of waf_trusted_cidrs and no others",
    _trust_a_set_of_somebody,
    where("aws_wafv2_ip_set.trusted[0]", _count_everybody, _trust_a_set_of_somebody),
    where("aws_wafv2_ip_set.trusted[0]", put("aws_wafv2_ip_set.trusted[0]", "addresses", to=["0.0.0.0/1"]), _trust_a_set_of_somebody),
)
def trusted(plan: Plan) -> Iterator[str]:
    wanted = plan.document["variables"]["waf_trusted_cidrs"]["value"]
    sets = plan.by_type("aws_wafv2_ip_set")
    yield from expect("trusted addresses", sorted(a for values in sets.values() for a in values["addresses"]), sorted(wanted))
    referred = [s["ip_set_reference_statement"][0]["arn"] for s in _spared(plan) if s["ip_set_reference_statement"]]
    yield from expect("sets that the limit leaves out", referred, [values["arn"] for values in sets.values()])
