"""What elasticloadbalancing answers about target groups: its query protocol, so far as deploys ask."""

from __future__ import annotations

from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from .balancer import Balancer
from .errors import ApiError

NAMESPACE = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"


def answer(balancer: Balancer, body: str) -> str:
    request = {key: values[0] for key, values in parse_qs(body).items()}
    action = request.get("Action", "")
    if action != "DescribeTargetHealth":
        raise ApiError("InvalidAction", f"{action} is not implemented here")
    group = balancer.group(request["TargetGroupArn"])
    members = ""
    for target in group.targets:
        reason = f"<Reason>{escape(target.reason)}</Reason>" if target.reason else ""
        members += (
            f"<member><Target><Id>{target.address}</Id><Port>{target.port}</Port></Target>"
            f"<HealthCheckPort>{target.port}</HealthCheckPort>"
            f"<TargetHealth><State>{target.state}</State>{reason}</TargetHealth></member>"
        )
    return (
        f'<DescribeTargetHealthResponse xmlns="{NAMESPACE}"><DescribeTargetHealthResult><TargetHealthDescriptions>'
        f"{members}</TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>"
    )


def failure(problem: ApiError) -> str:
    return (
        f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type><Code>{problem.code}</Code>'
        f"<Message>{escape(str(problem))}</Message></Error></ErrorResponse>"
    )
