"""The operations of the ECS API, over clusters, task definitions, services and tasks."""

from __future__ import annotations

import threading
import traceback
from typing import Any

from . import protection
from .balancer import Balancer
from .definitions import Definitions
from .errors import ApiError, invalid
from .runner import Runner
from .services import Service, Services
from .settings import Settings
from .tasks import Cloud, Task, Tasks

Json = dict[str, Any]
MOST_DESCRIBED, MOST_PROTECTED, MOST_RUN = 100, 10, 10


class World:
    def __init__(self, settings: Settings, runner: Runner, balancer: Balancer, cloud: Cloud) -> None:
        self.lock = threading.RLock()
        self.balancer = balancer
        self.agent = ""  # where the server listens; known once it does
        self.over = threading.Event()
        self._settings = settings
        self._clusters: dict[str, Json] = {}
        self._definitions = Definitions(settings)
        self.tasks = Tasks(settings, runner, cloud, lambda task: f"{self.agent}/agent/{task}")
        self._services = Services(settings.arn, self.tasks, balancer)

    def run(self) -> None:
        """The scheduler's loop."""
        while not self.over.wait(self._settings.tick):
            with self.lock:
                try:
                    self._services.tick()
                except Exception:  # a mistake here must be seen, not end the control plane
                    traceback.print_exc()

    def end(self) -> None:
        """No task is started any more, and none is left running."""
        self.over.set()
        self.balancer.end()
        with self.lock:
            for task in self.tasks.all():
                task.desired_status = "STOPPED"
                if task.running is not None:
                    task.running.kill()

    def _cluster(self, request: Json) -> str:
        name = str(request.get("cluster", "default")).rsplit("/", 1)[-1]
        if name not in self._clusters:
            raise ApiError("ClusterNotFoundException", "Cluster not found.")
        return name

    def _service_of(self, task: Task) -> Service | None:
        kind, _, name = task.group.partition(":")
        return self._services.find(task.cluster_arn.rsplit("/", 1)[-1], name) if kind == "service" else None

    # clusters and task definitions

    def CreateCluster(self, request: Json) -> Json:
        name = request.get("clusterName", "default")
        self._clusters[name] = {
            "clusterName": name,
            "clusterArn": f"{self._settings.arn}cluster/{name}",
            "status": "ACTIVE",
        }
        return {"cluster": self._clusters[name]}

    def DescribeClusters(self, request: Json) -> Json:
        names = [str(one).rsplit("/", 1)[-1] for one in request.get("clusters", ["default"])]
        return {
            "clusters": [self._clusters[one] for one in names if one in self._clusters],
            "failures": [{"arn": one, "reason": "MISSING"} for one in names if one not in self._clusters],
        }

    def RegisterTaskDefinition(self, request: Json) -> Json:
        return {"taskDefinition": self._definitions.register(request), "tags": request.get("tags", [])}

    def DescribeTaskDefinition(self, request: Json) -> Json:
        definition = self._definitions.find(request["taskDefinition"])
        tags = self._definitions.tags(definition["taskDefinitionArn"]) if "TAGS" in request.get("include", []) else []
        return {"taskDefinition": definition, "tags": tags}

    def DeregisterTaskDefinition(self, request: Json) -> Json:
        return {"taskDefinition": self._definitions.deregister(request["taskDefinition"])}

    def ListTaskDefinitions(self, request: Json) -> Json:
        status, descending = request.get("status", "ACTIVE"), request.get("sort") == "DESC"
        return {"taskDefinitionArns": self._definitions.listed(request.get("familyPrefix", ""), status, descending)}

    def TagResource(self, request: Json) -> Json:
        self._definitions.tag(request["resourceArn"], request["tags"])
        return {}

    # services

    def CreateService(self, request: Json) -> Json:
        definition = self._definitions.find_active(request["taskDefinition"])
        return {"service": self._services.create(self._cluster(request), request, definition).describe()}

    def UpdateService(self, request: Json) -> Json:
        service = self._services.find(self._cluster(request), request["service"])
        wanted = request.get("taskDefinition")
        self._services.update(service, request, self._definitions.find_active(wanted) if wanted else None)
        return {"service": service.describe()}

    def DescribeServices(self, request: Json) -> Json:
        cluster, found, missing = self._cluster(request), [], []
        for name in request["services"]:
            try:
                found.append(self._services.find(cluster, name).describe())
            except ApiError:
                missing.append({"arn": name, "reason": "MISSING"})
        return {"services": found, "failures": missing}

    def ListServices(self, request: Json) -> Json:
        cluster = self._clusters[self._cluster(request)]["clusterArn"]
        return {"serviceArns": [one.arn for one in self._services.all() if one.cluster_arn == cluster]}

    def ListServiceDeployments(self, request: Json) -> Json:
        service = self._services.find(self._cluster(request), request["service"])
        wanted = request.get("status")
        return {"serviceDeployments": [one.brief() for one in service.history if not wanted or one.outcome in wanted]}

    def DescribeServiceDeployments(self, request: Json) -> Json:
        wanted = request["serviceDeploymentArns"]
        every = [one for service in self._services.all() for one in service.history]
        known = {one.arn for one in every}
        return {
            "serviceDeployments": [one.full() for one in every if one.arn in wanted],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known],
        }

    # tasks

    def RunTask(self, request: Json) -> Json:
        cluster = self._cluster(request)
        definition = self._definitions.find_active(request["taskDefinition"])
        network = request.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
        if definition.get("networkMode") == "awsvpc" and not network:
            raise invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
        if network and not network.get("subnets"):
            raise invalid("subnets can not be empty.")
        if request.get("launchType") == "FARGATE" and "FARGATE" not in definition.get("requiresCompatibilities", []):
            raise invalid("Task definition does not support launch_type FARGATE.")
        count = request.get("count", 1)
        if not 1 <= count <= MOST_RUN:
            raise invalid(f"count must be between 1 and {MOST_RUN}.")
        started = [
            self.tasks.start(
                self._clusters[cluster]["clusterArn"],
                definition,
                request.get("group", f"family:{definition['family']}"),
                started_by=request.get("startedBy", ""),
                overrides=request.get("overrides", {}),
            )
            for _ in range(count)
        ]
        return {"tasks": [one.describe() for one in started], "failures": []}

    def DescribeTasks(self, request: Json) -> Json:
        wanted = request.get("tasks", [])
        if not wanted:
            raise invalid("Tasks cannot be empty.")
        if len(wanted) > MOST_DESCRIBED:
            raise invalid("Tasks cannot have more than 100 elements")
        found = {one: self.tasks.find(one) for one in wanted}
        return {
            "tasks": [task.describe() for task in found.values() if task],
            "failures": [{"arn": one, "reason": "MISSING"} for one, task in found.items() if not task],
        }

    def ListTasks(self, request: Json) -> Json:
        cluster = self._clusters[self._cluster(request)]["clusterArn"]
        chosen = [one for one in self.tasks.all() if one.cluster_arn == cluster]
        chosen = [one for one in chosen if one.desired_status == request.get("desiredStatus", "RUNNING")]
        if service := request.get("serviceName"):
            chosen = [one for one in chosen if one.group == f"service:{service.rsplit('/', 1)[-1]}"]
        if started_by := request.get("startedBy"):
            chosen = [one for one in chosen if one.started_by == started_by]
        if family := request.get("family"):
            chosen = [one for one in chosen if one.definition["family"] == family]
        return {"taskArns": [one.arn for one in reversed(chosen)]}

    def StopTask(self, request: Json) -> Json:
        task = self._known(request["task"])
        self.tasks.stop(task, "UserInitiated", request.get("reason", "Task stopped by user"))
        return {"task": task.describe()}

    def _known(self, reference: str) -> Task:
        task = self.tasks.find(reference)
        if task is None:
            raise invalid("The referenced task was not found.")
        return task

    def interrupt(self, reference: str) -> None:
        """What Spot does: SIGTERM at once, while the load balancer still sends requests."""
        task = self._known(reference)
        if task.capacity != "FARGATE_SPOT":
            raise invalid(f"The task runs on {task.capacity}, which nobody interrupts.")
        self.tasks.stop(task, "SpotInterruption", "Your Spot Task was interrupted.", drain=False)

    # protection

    def GetTaskProtection(self, request: Json) -> Json:
        tasks = [self.tasks.find(one) for one in request.get("tasks", [])]
        if len(tasks) > MOST_PROTECTED:
            raise invalid("Tasks cannot have more than 10 elements")
        return {"protectedTasks": [protection.describe(one) for one in tasks if one], "failures": []}

    def UpdateTaskProtection(self, request: Json) -> Json:
        done, failures = [], []
        for reference in request["tasks"]:
            task = self._known(reference)
            failure = self.protect(task, request["protectionEnabled"], request.get("expiresInMinutes"))
            if failure:
                failures.append(failure)
            else:
                done.append(protection.describe(task))
        return {"protectedTasks": done, "failures": failures}

    def protect(self, task: Task, enabled: bool, minutes: int | None) -> Json | None:
        service = self._service_of(task)
        if enabled:
            failure = protection.refusal(task, service, self._services.of(service) if service else [])
            if failure:
                return failure
        protection.change(task, enabled, minutes)
        return None
