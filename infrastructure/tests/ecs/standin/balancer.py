"""The load balancer: target groups with health checks of their own, and HAProxy, which only carries the traffic.

As an ALB does it: a target takes requests once enough checks in a row were good, is left out after enough bad ones,
and when it is deregistered keeps the connections that it has until these end or the deregistration delay is over.
Nothing is retried, so that every connection that a deployment breaks is seen."""

from __future__ import annotations

import csv
import io
import socket
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from .errors import ApiError
from .settings import GroupSettings

Json = dict[str, Any]


class HAProxy:
    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()

    def command(self, text: str) -> str:
        with self._lock, socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(self._path)
            connection.sendall(text.encode() + b"\n")
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        return answer.decode().strip()

    def connections(self, backend: str, server: str) -> int:
        table = csv.DictReader(io.StringIO(self.command("show stat").removeprefix("# ")))
        for row in table:
            if row["pxname"] == backend and row["svname"] == server:
                return int(row["scur"] or 0)
        return 0


@dataclass
class Target:
    name: str
    address: str
    port: int
    state: str = "initial"
    reason: str = "Elb.RegistrationInProgress"
    good: int = 0
    bad: int = 0
    gone: threading.Event = field(default_factory=threading.Event)


class TargetGroup:
    def __init__(self, arn: str, settings: GroupSettings, proxy: HAProxy) -> None:
        self.arn = arn
        self.settings = settings
        self._proxy = proxy
        self._targets: dict[str, Target] = {}

    @property
    def targets(self) -> list[Target]:
        return list(self._targets.values())

    def _server(self, target: Target) -> str:
        return f"{self.settings.backend}/{target.name}"

    def register(self, name: str, address: str, port: int) -> None:
        target = Target(name, address, port)
        self._targets[name] = target
        self._proxy.command(f"add server {self._server(target)} {address}:{port}")
        threading.Thread(target=self._watch, args=(target,), daemon=True).start()

    def healthy(self, name: str) -> bool:
        target = self._targets.get(name)
        return target is not None and target.state == "healthy"

    def state(self, name: str) -> str:
        target = self._targets.get(name)
        return target.state if target else "unused"

    def drain(self, name: str) -> None:
        """No new requests. Returns when the target's connections have ended, or the delay has."""
        target = self._targets.get(name)
        if target is None:
            return
        target.state, target.reason = "draining", "Target.DeregistrationInProgress"
        self._proxy.command(f"set server {self._server(target)} state drain")
        until = time.monotonic() + self.settings.deregistration_delay
        while time.monotonic() < until and not target.gone.is_set():
            if self._proxy.connections(self.settings.backend, name) == 0:
                return
            time.sleep(0.1)

    def remove(self, name: str) -> None:
        target = self._targets.pop(name, None)
        if target is None:
            return
        target.gone.set()
        server = self._server(target)
        self._proxy.command(f"set server {server} state maint")
        self._proxy.command(f"shutdown sessions server {server}")
        # HAProxy removes a server only when its last session is gone, a moment later.
        for _ in range(50):
            if "deleted" in self._proxy.command(f"del server {server}"):
                return
            time.sleep(0.1)

    def _check(self, target: Target) -> bool:
        url = f"http://{target.address}:{target.port}{self.settings.health_path}"
        try:
            with urllib.request.urlopen(url, timeout=self.settings.timeout) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _watch(self, target: Target) -> None:
        while not target.gone.wait(self.settings.interval):
            if target.state == "draining":
                continue
            if self._check(target):
                target.good, target.bad = target.good + 1, 0
            else:
                target.good, target.bad = 0, target.bad + 1
            if target.state == "draining" or target.gone.is_set():
                continue
            if target.good >= self.settings.healthy_after and target.state != "healthy":
                target.state, target.reason = "healthy", ""
                self._proxy.command(f"set server {self._server(target)} state ready")
            elif target.bad >= self.settings.unhealthy_after and target.state != "unhealthy":
                target.state, target.reason = "unhealthy", "Target.ResponseCodeMismatch"
                self._proxy.command(f"set server {self._server(target)} state drain")


class Balancer:
    def __init__(self, groups: dict[str, GroupSettings], proxy: HAProxy) -> None:
        self._groups = {arn: TargetGroup(arn, settings, proxy) for arn, settings in groups.items()}

    def group(self, arn: str) -> TargetGroup:
        if arn not in self._groups:
            raise ApiError("TargetGroupNotFound", f"One or more target groups not found: {arn}")
        return self._groups[arn]

    def end(self) -> None:
        """No target is looked at any more."""
        for group in self._groups.values():
            for target in group.targets:
                target.gone.set()
