"""Scale-in protection of tasks, through the API and through the agent's endpoint inside of a task."""

from __future__ import annotations

import time
from typing import Any

from .errors import invalid
from .services import Service
from .tasks import Task

Json = dict[str, Any]
SHORTEST, LONGEST, USUAL = 1, 2880, 120


def describe(task: Task) -> Json:
    told: Json = {"taskArn": task.arn, "protectionEnabled": task.protected}
    if task.protected:
        told["expirationDate"] = task.protected_until
    return told


def refusal(task: Task, service: Service | None, siblings: list[Task]) -> Json | None:
    """Why a task cannot be protected; nothing when it can."""
    if service is None:
        return {"arn": task.arn, "reason": "TASK_NOT_VALID", "detail": "The task does not belong to a service."}
    if task.desired_status == "STOPPED":
        return {"arn": task.arn, "reason": "TASK_NOT_VALID", "detail": "The task is stopping."}
    # While tasks are being replaced no more may hold on than the service wants: the deployment would never end.
    held = sum(one.protected and one is not task for one in siblings if one.desired_status == "RUNNING")
    if service.primary.rollout == "IN_PROGRESS" and not task.protected and held + 1 > service.desired:
        return {
            "arn": task.arn,
            "reason": "DEPLOYMENT_BLOCKED",
            "detail": "Unable to protect task: the number of protected tasks exceeds the service's desired count.",
        }
    return None


def change(task: Task, enabled: bool, minutes: int | None) -> None:
    minutes = USUAL if minutes is None else minutes
    if not SHORTEST <= minutes <= LONGEST:
        raise invalid(f"expiresInMinutes must be between {SHORTEST} and {LONGEST}.")
    task.protected_until = time.time() + 60 * minutes if enabled else 0.0
