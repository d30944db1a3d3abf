"""A deployment of a service, as describe-services and describe-service-deployments tell of it."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Deployment:
    definition: Json
    service_arn: str
    cluster_arn: str
    source: Json | None = None
    id: str = field(default_factory=lambda: f"ecs-svc/{uuid.uuid4().int % 10**19:019d}")
    status: str = "PRIMARY"
    rollout: str = "IN_PROGRESS"
    reason: str = ""
    outcome: str = "IN_PROGRESS"
    outcome_reason: str = ""
    created_at: float = field(default_factory=time.time)
    updated_at: float = field(default_factory=time.time)
    finished_at: float = 0.0
    failed: int = 0
    running: int = 0
    pending: int = 0
    desired: int = 0
    threshold: int = 0
    breaker: bool = False
    rolled_back_to: Deployment | None = None

    def __post_init__(self) -> None:
        self.reason = self.reason or f"ECS deployment {self.id} in progress."

    @property
    def arn(self) -> str:
        return self._beside("service-deployment", self.id.split("/")[1])

    def _beside(self, kind: str, name: str) -> str:
        return f"{self.service_arn.replace(':service/', f':{kind}/')}/{name}"

    def _revision(self, definition: Json) -> Json:
        return {"arn": self._beside("service-revision", str(definition["revision"]))}

    def finish(self, rollout: str, reason: str, outcome: str, outcome_reason: str = "") -> None:
        self.rollout, self.reason = rollout, reason
        self.outcome, self.outcome_reason = outcome, outcome_reason
        self.updated_at = self.finished_at = time.time()

    def describe(self) -> Json:
        return {
            "id": self.id,
            "status": self.status,
            "taskDefinition": self.definition["taskDefinitionArn"],
            "desiredCount": self.desired,
            "pendingCount": self.pending,
            "runningCount": self.running,
            "failedTasks": self.failed,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "launchType": "FARGATE",
            "rolloutState": self.rollout,
            "rolloutStateReason": self.reason,
        }

    def brief(self) -> Json:
        told: Json = {
            "serviceDeploymentArn": self.arn,
            "serviceArn": self.service_arn,
            "clusterArn": self.cluster_arn,
            "startedAt": self.created_at,
            "createdAt": self.created_at,
            "targetServiceRevisionArn": self._revision(self.definition)["arn"],
            "status": self.outcome,
            "statusReason": self.outcome_reason,
        }
        if self.finished_at:
            told["finishedAt"] = self.finished_at
        return told

    def full(self) -> Json:
        told = self.brief()
        target = told.pop("targetServiceRevisionArn")
        told |= {
            "updatedAt": self.updated_at,
            "targetServiceRevision": {
                "arn": target,
                "requestedTaskCount": self.desired,
                "runningTaskCount": self.running,
                "pendingTaskCount": self.pending,
            },
            "sourceServiceRevisions": [self._revision(self.source)] if self.source else [],
            "deploymentCircuitBreaker": {
                "status": self._breaker_status(),
                "failureCount": self.failed,
                "threshold": self.threshold,
            },
        }
        if self.rolled_back_to is not None:
            told["rollback"] = {
                "reason": self.reason,
                "startedAt": self.updated_at,
                "serviceRevisionArn": self._revision(self.rolled_back_to.definition)["arn"],
            }
        return told

    def _breaker_status(self) -> str:
        if not self.breaker:
            return "DISABLED"
        if self.rollout == "FAILED":
            return "TRIGGERED"
        return "MONITORING" if self.rollout == "IN_PROGRESS" else "MONITORING_COMPLETE"
