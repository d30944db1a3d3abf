"""What both kinds of worlds are made of, the scenarios' and the guide's: emulations as processes, and a checkout."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
ECS = REPOSITORY / "infrastructure/tests/ecs"
sys.path.insert(0, str(ECS))

import haproxy  # noqa: E402

Json = dict[str, Any]
ACCOUNT, REGION = "123456789012", "us-east-1"
# Target groups look at their targets far more often than AWS's.
FAST = {"interval": 0.2, "timeout": 0.5, "healthy_after": 2, "unhealthy_after": 3, "deregistration_delay": 4}


def until(what: str, condition: Callable[[], Any], patience: float = 60) -> Any:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {patience} s")


class Machine:
    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="deploy-test-"))
        self.checkout = self.folder / "checkout"
        self._processes: list[subprocess.Popen[bytes]] = []

    def spawn(self, name: str, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        log = open(self.folder / f"{name}.log", "wb")
        self._processes.append(subprocess.Popen(command, stdout=log, stderr=log, **options))
        return self._processes[-1]

    def start_moto(self, program: list[str], **options: Any) -> str:
        port = haproxy.free_port()
        self.spawn("moto", [*program, "-H", "127.0.0.1", "-p", str(port)], **options)
        url = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            try:
                urllib.request.urlopen(url + "/moto-api/").close()
                return True
            except OSError:
                return False

        until("moto", answers)
        return url

    def start_balancer(self, routes: dict[str, str], port: int = 0) -> int:
        """Which host is whose backend. The port: a free one unless one is given."""
        proxy, port = haproxy.start(self.folder, routes, port)
        self._processes.append(proxy)
        return port

    def start_ecs(self, moto: str, groups: dict[str, Json], prefix: str, **more: Any) -> str:
        """The keywords are settings of the stand-in."""
        settings = {
            "haproxy_socket": str(self.folder / "haproxy.sock"),
            "images": str(self.folder / "images"),
            "groups": groups,
            "aws_endpoint": moto,
            "address_prefix": prefix,
            **more,
        }
        (self.folder / "ecs.json").write_text(json.dumps(settings))
        port = self.folder / "ecs.port"
        self.spawn("ecs", [sys.executable, "-m", "standin", str(self.folder / "ecs.json"), str(port)], cwd=ECS)
        until("the ECS stand-in", lambda: port.exists() and port.read_text())
        return f"http://{more.get('host', '127.0.0.1')}:{port.read_text()}"

    def git(self, *words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=self.checkout, check=True, capture_output=True, text=True
        ).stdout.strip()

    def copy_to_checkout(self, *parts: str) -> None:
        """As git knows them: nothing of a developer's own comes along."""
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *parts],
            cwd=REPOSITORY,
            check=True,
            capture_output=True,
            text=True,
        )
        for name in listed.stdout.splitlines():
            target = self.checkout / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, target)

    def start_repository(self) -> None:
        """A release is a commit that a test makes."""
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("config", "user.email", "tester@example.com")
        self.git("config", "user.name", "Tester")
        self.commit()

    def commit(self) -> str:
        """A new release."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a change")
        return self.git("rev-parse", "--short=12", "HEAD")

    def close(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
