"""S3 as tasks reach it: the buckets' own names, with TLS, lead to the emulation of AWS, and the keys come from where ECS has
those of a task's role. The API asks for nothing else of AWS."""

from __future__ import annotations

import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from machine import REGION, Machine

# ECS's own, the same in every task.
CREDENTIALS = "169.254.170.2"
CREDENTIALS_PATH = "/v2/credentials/task"
CONFIGURATION = """\
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
frontend s3
  bind {address}:443 ssl crt {certificate}
  default_backend moto
backend moto
  server moto {moto}
"""


def host_of(bucket: str) -> str:
    return f"{bucket}.s3.{REGION}.amazonaws.com"


def start_door(machine: Machine, address: str, certified: Path, moto: str) -> None:
    text = CONFIGURATION.format(address=address, certificate=certified / "balancer.pem", moto=urlsplit(moto).netloc)
    configuration = machine.folder / "s3.cfg"
    configuration.write_text(text)
    program = shutil.which("haproxy", path="/usr/sbin:/usr/bin")
    machine.spawn("s3", [str(program), "-db", "-f", str(configuration)])


class Roles:
    """Gives each task the keys of its own role; it is known by its address."""

    def __init__(self, sts: Any, role_of: Callable[[str], str | None]) -> None:
        given = self.given = set[str]()
        subprocess.run(["ip", "address", "add", f"{CREDENTIALS}/32", "dev", "lo"], check=True)

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:
                pass

            def do_GET(self) -> None:
                role = role_of(self.client_address[0]) if self.path == CREDENTIALS_PATH else None
                if role is None:
                    self.send_error(404)
                    return
                given.add(role)
                keys = sts.assume_role(RoleArn=role, RoleSessionName="task")["Credentials"]
                body = json.dumps(
                    {
                        "RoleArn": role,
                        "AccessKeyId": keys["AccessKeyId"],
                        "SecretAccessKey": keys["SecretAccessKey"],
                        "Token": keys["SessionToken"],
                        "Expiration": keys["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ"),
                    }
                ).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = http.server.ThreadingHTTPServer((CREDENTIALS, 80), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @staticmethod
    def options() -> list[str]:
        """What ECS itself tells a task."""
        return ["--env", f"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI={CREDENTIALS_PATH}"]
