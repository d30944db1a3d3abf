"""Services: how many tasks run, of which revision, and what becomes of a deployment."""

from __future__ import annotations

import math
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .balancer import Balancer, TargetGroup
from .deployments import Deployment
from .errors import ApiError, invalid
from .tasks import Task, Tasks

Json = dict[str, Any]
MOST_EVENTS = 100
MINE = "ServiceSchedulerInitiated"


@dataclass
class Service:
    name: str
    arn: str
    cluster_arn: str
    settings: Json
    group: TargetGroup | None
    desired: int
    deployments: list[Deployment] = field(default_factory=list)
    history: list[Deployment] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    last_good: Json | None = None
    running: int = 0
    pending: int = 0
    created_at: float = field(default_factory=time.time)

    @property
    def primary(self) -> Deployment:
        return self.deployments[0]

    def option(self, name: str, default: Any) -> Any:
        return self.settings.get("deploymentConfiguration", {}).get(name, default)

    @property
    def breaker(self) -> Json:
        return dict(self.option("deploymentCircuitBreaker", {}))

    @property
    def threshold(self) -> int:
        """After so many tasks that did not start the circuit breaker gives up."""
        return min(200, max(3, math.ceil(self.desired / 2)))

    def next_capacity(self, there: Counter[str]) -> str:
        """What the next task runs on: a base is filled first, the weights share the rest."""
        strategy = self.settings.get("capacityProviderStrategy", [])
        for one in strategy:
            if there[one["capacityProvider"]] < one.get("base", 0):
                return str(one["capacityProvider"])
        weighted = [one for one in strategy if one.get("weight", 0) > 0]
        if not weighted:
            return "FARGATE"
        return str(min(weighted, key=lambda one: there[one["capacityProvider"]] / one["weight"])["capacityProvider"])

    def tell(self, message: str) -> None:
        event = {"id": str(uuid.uuid4()), "createdAt": time.time(), "message": f"(service {self.name}) {message}"}
        self.events.insert(0, event)
        del self.events[MOST_EVENTS:]

    def describe(self) -> Json:
        known = (
            "loadBalancers",
            "networkConfiguration",
            "deploymentConfiguration",
            "healthCheckGracePeriodSeconds",
            "capacityProviderStrategy",
        )
        return {key: self.settings[key] for key in known if key in self.settings} | {
            "serviceName": self.name,
            "serviceArn": self.arn,
            "clusterArn": self.cluster_arn,
            "status": "ACTIVE",
            "launchType": "FARGATE",
            "desiredCount": self.desired,
            "runningCount": self.running,
            "pendingCount": self.pending,
            "taskDefinition": self.primary.definition["taskDefinitionArn"],
            "deployments": [one.describe() for one in self.deployments],
            "events": self.events,
            "createdAt": self.created_at,
            "schedulingStrategy": "REPLICA",
            "deploymentController": {"type": "ECS"},
        }


class Services:
    def __init__(self, arn: str, tasks: Tasks, balancer: Balancer) -> None:
        self._arn = arn
        self._tasks = tasks
        self._balancer = balancer
        self._services: dict[tuple[str, str], Service] = {}

    def find(self, cluster: str, name: str) -> Service:
        found = self._services.get((cluster, name.rsplit("/", 1)[-1]))
        if found is None:
            raise ApiError("ServiceNotFoundException", "Service not found.")
        return found

    def create(self, cluster: str, request: Json, definition: Json) -> Service:
        name = request["serviceName"]
        if (cluster, name) in self._services:
            raise invalid("Creation of service was not idempotent.")
        if definition.get("networkMode") == "awsvpc" and not request.get("networkConfiguration"):
            raise invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
        balancers = request.get("loadBalancers", [])
        service = Service(
            name,
            f"{self._arn}service/{cluster}/{name}",
            f"{self._arn}cluster/{cluster}",
            request,
            self._balancer.group(balancers[0]["targetGroupArn"]) if balancers else None,
            request.get("desiredCount", 1),
        )
        self._services[cluster, name] = service
        self._deploy(service, definition)
        return service

    def update(self, service: Service, request: Json, definition: Json | None) -> None:
        service.desired = request.get("desiredCount", service.desired)
        network = service.settings.get("networkConfiguration")
        moved = request.get("networkConfiguration", network) != network
        for key in ("deploymentConfiguration", "networkConfiguration", "healthCheckGracePeriodSeconds"):
            if key in request:
                service.settings[key] = request[key]
        running = service.primary.definition
        wanted = definition or running
        if moved or request.get("forceNewDeployment") or wanted["taskDefinitionArn"] != running["taskDefinitionArn"]:
            self._deploy(service, wanted)

    def _deploy(self, service: Service, definition: Json) -> Deployment:
        source = service.primary.definition if service.deployments else None
        for old in service.deployments:
            old.status = "ACTIVE"
            if old.rollout == "IN_PROGRESS":
                old.finish(old.rollout, old.reason, "STOPPED", "A newer deployment took its place.")
        deployment = Deployment(definition, service.arn, service.cluster_arn, source)
        deployment.desired = service.desired
        deployment.breaker, deployment.threshold = bool(service.breaker.get("enable")), service.threshold
        service.deployments.insert(0, deployment)
        service.history.insert(0, deployment)
        return deployment

    def all(self) -> list[Service]:
        return list(self._services.values())

    def of(self, service: Service) -> list[Task]:
        return [
            one
            for one in self._tasks.all()
            if one.group == f"service:{service.name}" and one.cluster_arn == service.cluster_arn
        ]

    def tick(self) -> None:
        for service in list(self._services.values()):
            self._tick(service)

    def _tick(self, service: Service) -> None:
        tasks = self.of(service)
        primary = service.primary
        live = [one for one in tasks if one.desired_status == "RUNNING"]
        self._count(service, tasks, live)
        self._stop_sick(service, live)
        if self._break(service):
            return
        live = [one for one in live if one.desired_status == "RUNNING"]
        new = [one for one in live if one.started_by == primary.id]
        old = [one for one in live if one.started_by != primary.id]
        self._start(service, new, len(live))
        self._stop_surplus(service, new, old)
        others = [one for one in tasks if one.started_by != primary.id and not one.stopped]
        healthy = [one for one in new if one.healthy()]
        if primary.rollout == "IN_PROGRESS" and len(healthy) >= service.desired and not others:
            self._complete(service)
        service.deployments = [primary] + [
            one
            for one in service.deployments[1:]
            if any(task.started_by == one.id for task in others)
            or (one.rollout == "FAILED" and primary.rollout == "IN_PROGRESS")
        ]

    @staticmethod
    def _count(service: Service, tasks: list[Task], live: list[Task]) -> None:
        service.running = sum(one.last_status == "RUNNING" for one in live)
        service.pending = len(live) - service.running
        service.primary.desired = service.desired
        for deployment in service.deployments:
            mine = [one for one in live if one.started_by == deployment.id]
            deployment.running = sum(one.last_status == "RUNNING" for one in mine)
            deployment.pending = len(mine) - deployment.running
            # What the scheduler, a person or Spot has stopped did not fail; a sick task was stopped for its health.
            deployment.failed = sum(
                one.started_by == deployment.id
                and one.stopped
                and not one.was_healthy
                and one.stop_code in ("EssentialContainerExited", "TaskFailedToStart", MINE)
                and "Scaling activity" not in one.stopped_reason
                for one in tasks
            )

    def _stop_sick(self, service: Service, live: list[Task]) -> None:
        grace = service.settings.get("healthCheckGracePeriodSeconds", 0)
        for task in live:
            if service.group is None or task.last_status != "RUNNING" or time.time() - task.started_at < grace:
                continue
            if service.group.state(task.id) == "unhealthy":
                service.tell(f"(task {task.id}) failed ELB health checks in (target-group {service.group.arn}).")
                self._tasks.stop(task, MINE, f"Task failed ELB health checks in (target-group {service.group.arn})")

    def _break(self, service: Service) -> bool:
        """The circuit breaker: gives the deployment up and goes back to the last good revision."""
        primary = service.primary
        if not service.breaker.get("enable") or primary.rollout != "IN_PROGRESS" or primary.failed < service.threshold:
            return False
        reason = "ECS deployment circuit breaker: tasks failed to start."
        service.tell(f"(deployment {primary.id}) deployment failed: tasks failed to start.")
        goes_back = service.breaker.get("rollback") and service.last_good is not None
        primary.finish("FAILED", reason, "ROLLBACK_IN_PROGRESS" if goes_back else "STOPPED", reason)
        if goes_back and service.last_good is not None:
            back = self._deploy(service, service.last_good)
            back.reason = f"ECS deployment circuit breaker: rolling back to deploymentId {back.id}."
            primary.rolled_back_to = back
            service.tell(f"rolling back to (deployment {back.id}).")
        return True

    def _start(self, service: Service, new: list[Task], live: int) -> None:
        primary = service.primary
        if primary.rollout == "FAILED":
            return
        most = service.desired * service.option("maximumPercent", 200) // 100
        capacities = Counter(one.capacity for one in new)
        for _ in range(max(0, min(service.desired - len(new), most - live))):
            capacity = service.next_capacity(capacities)
            capacities[capacity] += 1
            task = self._tasks.start(
                service.cluster_arn,
                primary.definition,
                f"service:{service.name}",
                started_by=primary.id,
                capacity=capacity,
                targets=service.group,
            )
            service.tell(f"has started 1 tasks: (task {task.id}).")

    def _stop_surplus(self, service: Service, new: list[Task], old: list[Task]) -> None:
        for task in [one for one in new if not one.protected][: max(0, len(new) - service.desired)]:
            self._retire(service, task)
        floor = math.ceil(service.desired * service.option("minimumHealthyPercent", 100) / 100)
        healthy = sum(one.healthy() for one in new) + sum(one.healthy() for one in old)
        for task in sorted(old, key=lambda one: one.healthy()):
            if task.protected:
                continue
            if task.healthy():
                if healthy - 1 < floor:
                    continue
                healthy -= 1
            elif (
                service.primary.rollout == "IN_PROGRESS" and not any(one.healthy() for one in new) and task.was_healthy
            ):
                continue
            self._retire(service, task)

    def _retire(self, service: Service, task: Task) -> None:
        service.tell("has begun draining connections on 1 tasks.")
        self._tasks.stop(task, MINE, f"Scaling activity initiated by (deployment {service.primary.id})")

    @staticmethod
    def _complete(service: Service) -> None:
        primary = service.primary
        primary.finish("COMPLETED", f"ECS deployment {primary.id} completed.", "SUCCESSFUL")
        for failed in service.history:
            if failed.rolled_back_to is primary:
                failed.outcome = "ROLLBACK_SUCCESSFUL"
                primary.outcome_reason = "Rollback completed."
        service.last_good = primary.definition
        service.tell(f"(deployment {primary.id}) deployment completed.")
        service.tell("has reached a steady state.")
