"""What runs a task's container: here a process; docker_runner starts real containers behind the same interface."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

Json = dict[str, Any]


class ImageMissing(Exception):
    """The registry does not have it."""


class Running(Protocol):
    def lines(self) -> Iterator[str]: ...
    def wait(self) -> int: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


class Runner(Protocol):
    def start(self, container: Json, address: str, environment: dict[str, str]) -> Running: ...


class RunningProcess:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def lines(self) -> Iterator[str]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            yield line.rstrip("\n")

    def wait(self) -> int:
        """A death by signal is reported as a shell does it, and ECS."""
        code = self._process.wait()
        return code if code >= 0 else 128 - code

    def _signal(self, number: signal.Signals) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)


class ProcessRunner:
    """An image is a JSON file that holds `argv`, named by its digest (sha256-...) or its tag (repository/name:tag, with
    / as _). A container's command is added to it, as behind an entry point; {address} becomes the task's own."""

    def __init__(self, images: Path) -> None:
        self._images = images

    def _image(self, reference: str) -> Json:
        repository, at, digest = reference.partition("@")
        name = digest.replace(":", "-") if at else repository.split("/", 1)[-1].replace("/", "_")
        try:
            return dict(json.loads((self._images / f"{name}.json").read_text()))
        except FileNotFoundError:
            raise ImageMissing(reference) from None

    def start(self, container: Json, address: str, environment: dict[str, str]) -> Running:
        image = self._image(container["image"])
        words = [*image["argv"], *container.get("command", [])]
        return RunningProcess(
            subprocess.Popen(
                # None may outlive the control plane: its address would be taken when the next one starts.
                ["setpriv", "--pdeathsig", "KILL", *(word.replace("{address}", address) for word in words)],
                env={"PATH": os.environ["PATH"], **image.get("environment", {}), **environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )


def follow(running: Running, sink: Callable[[str], None]) -> None:
    for line in running.lines():
        sink(line)
