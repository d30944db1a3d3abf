"""Runs a task's container as Fargate does, by a Docker engine: pulled from its registry, in a network where each task
has an address of its own, with what the task definition allows it and nothing more."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from typing import Any

from .runner import ImageMissing, Running, RunningProcess

Json = dict[str, Any]


def docker(*words: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *words], env=environment, capture_output=True, text=True)


class RunningContainer:
    """Followed by `docker start --attach`, whose output and status are the container's."""

    def __init__(self, name: str, stop_signal: str) -> None:
        self._name = name
        self._stop_signal = stop_signal
        self._attached = RunningProcess(
            subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "docker", "start", "--attach", name],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )

    def lines(self) -> Iterator[str]:
        return self._attached.lines()

    def wait(self) -> int:
        return self._attached.wait()

    def _signal(self, name: str) -> None:
        # A container that is just being started takes no signal yet; one that has ended takes none any more.
        for _ in range(50):
            if docker("kill", "--signal", name, self._name).returncode == 0:
                return
            if docker("inspect", "--format", "{{.State.Status}}", self._name).stdout.strip() != "created":
                return
            time.sleep(0.1)

    def terminate(self) -> None:
        """ECS sends what the image asks for."""
        self._signal(self._stop_signal)

    def kill(self) -> None:
        self._signal("KILL")


class DockerRunner:
    def __init__(self, network: str, options: list[str]) -> None:
        self._network = network
        self._options = options

    def start(self, container: Json, address: str, environment: dict[str, str]) -> Running:
        image = container["image"]
        if docker("pull", "--quiet", image).returncode != 0:
            raise ImageMissing(image)
        name = f"task-{address}"
        words = ["create", "--name", name, "--network", self._network, "--ip", address, *self._options]
        words += limits(container)
        # Names alone: a value among the arguments would be seen by every process.
        for variable in environment:
            words += ["--env", variable]
        made = docker(*words, image, *container.get("command", []), environment={**os.environ, **environment})
        if made.returncode != 0:
            raise LookupError(made.stderr.strip())
        signal = docker("inspect", "--format", "{{.Config.StopSignal}}", name).stdout.strip()
        return RunningContainer(name, signal or "SIGTERM")


def limits(container: Json) -> list[str]:
    """What the definition says of the container, in the engine's words."""
    linux = container.get("linuxParameters", {})
    words = []
    if container.get("readonlyRootFilesystem"):
        words.append("--read-only")
    if linux.get("initProcessEnabled"):
        words.append("--init")
    for capability in linux.get("capabilities", {}).get("drop", []):
        words += ["--cap-drop", capability]
    if user := container.get("user"):
        words += ["--user", user]
    if memory := container.get("memory"):
        words += ["--memory", f"{memory}m"]
    for point in container.get("mountPoints", []):
        words += ["--volume", point["containerPath"]]
    return words
