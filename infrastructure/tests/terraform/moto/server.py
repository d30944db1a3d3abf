"""moto's server, which judges requests by the resource that they name.

moto checks signatures and policies, but outside of S3 it takes every request to be about "*", so that a policy with an
ARN in it allows nothing. Here each action that our roles use says which ARN it is about, and conditions are held against
what the request says; one that is not met leaves its statement out instead of denying everything.

    server.py -H 127.0.0.1 -p PORT        as moto_server
"""

from __future__ import annotations

import fnmatch
import json
import threading
from collections.abc import Callable
from typing import Any

from moto.core.responses import BaseResponse
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.server import main

ACCOUNT, REGION = "123456789012", "us-east-1"
Parameters = dict[str, Any]
context = threading.local()


def _last(name: str) -> str:
    return name.split("/")[-1]


def _ecs(kind: str, name: str) -> str:
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:{kind}/{name}"


def _task_definition(name: str) -> str:
    if name.startswith("arn:"):
        return name
    return _ecs("task-definition", name if ":" in name else f"{name}:1")


def _service(p: Parameters) -> str:
    names = p.get("services") or [p.get("service", "")]
    return _ecs("service", f"{_last(p.get('cluster', 'default'))}/{_last(names[0])}")


def _task(p: Parameters) -> str:
    return _ecs("task", f"{_last(p['cluster'])}/{_last((p.get('tasks') or [p.get('task')])[0])}")


def _table(p: Parameters) -> str:
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{p['TableName']}"


def _repository(p: Parameters) -> str:
    return f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{p.get('repositoryName', '*')}"


def _secret(p: Parameters) -> str:
    name: str = p["SecretId"]
    return name if name.startswith("arn:") else _arn_of_secret(name)


def _arn_of_secret(name: str) -> str:
    from moto.secretsmanager.models import secretsmanager_backends

    found = secretsmanager_backends[ACCOUNT][REGION].secrets.get(name)
    return found.arn if found else f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-??????"


RESOURCES: dict[str, Callable[[Parameters], str]] = {
    "ecs:UpdateService": _service,
    "ecs:DescribeServices": _service,
    "ecs:RegisterTaskDefinition": lambda p: _ecs("task-definition", f"{p['family']}:1"),
    "ecs:RunTask": lambda p: _task_definition(p["taskDefinition"]),
    "ecs:DescribeTasks": _task,
    "ecs:GetTaskProtection": _task,
    "ecs:UpdateTaskProtection": _task,
    "ecs:StopTask": _task,
    "ecs:TagResource": lambda p: p["resourceArn"],
    "ecs:ListTasks": lambda p: "*",  # bound by a condition on the cluster
    "ecs:DescribeClusters": lambda p: _ecs("cluster", _last(p["clusters"][0])),
    "ecr:DescribeImages": _repository,
    "ecr:PutImage": _repository,
    "ecr:BatchGetImage": _repository,
    "ecr:BatchDeleteImage": _repository,
    "ecr:GetDownloadUrlForLayer": _repository,
    "secretsmanager:GetSecretValue": _secret,
    "secretsmanager:DescribeSecret": _secret,
    "logs:FilterLogEvents": lambda p: f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{p['logGroupName']}",
    "logs:GetLogEvents": lambda p: f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{p['logGroupName']}:log-stream:{p['logStreamName']}",
    "dynamodb:PutItem": _table,
    "dynamodb:GetItem": _table,
    "dynamodb:DeleteItem": _table,
}


def determine_resource(self: BaseResponse) -> str:
    action = f"{self.service_name}:{self._get_action()}"
    if action not in RESOURCES:
        context.values = {}
        return "*"
    parameters: Parameters = self.body if isinstance(self.body, dict) else json.loads(self.body)
    context.values = {"ecs:cluster": _ecs("cluster", _last(parameters.get("cluster", "default")))}
    return RESOURCES[action](parameters)


def _met(conditions: dict[str, dict[str, Any]]) -> bool:
    known = getattr(context, "values", {})
    for wanted in conditions.values():
        for key, patterns in wanted.items():
            patterns = patterns if isinstance(patterns, list) else [patterns]
            if not any(fnmatch.fnmatchcase(known.get(key, ""), pattern) for pattern in patterns):
                return False
    return True


judge = IAMPolicyStatement.is_action_permitted


def judge_with_conditions(self: IAMPolicyStatement, *arguments: Any, **more: Any) -> PermissionResult:
    conditions = self._statement.get("Condition")
    if conditions and not _met(conditions):
        return PermissionResult.NEUTRAL
    bare = IAMPolicyStatement({name: value for name, value in self._statement.items() if name != "Condition"})
    return judge(bare, *arguments, **more)


if __name__ == "__main__":
    BaseResponse._determine_resource = determine_resource  # type: ignore[attr-defined]
    IAMPolicyStatement.is_action_permitted = judge_with_conditions  # type: ignore[method-assign]
    main()
