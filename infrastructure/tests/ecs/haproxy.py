"""Starts the HAProxy that stands for the load balancer: TLS, one backend a target group, chosen by the host's name."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

CONFIGURATION = """\
global
  stats socket {folder}/haproxy.sock mode 600 level admin
  nbthread 1
  maxconn 4000
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
  # A load balancer of AWS does not try again elsewhere: what breaks is seen.
  retries 0
  option http-server-close
frontend balancer
  bind 127.0.0.1:{port} ssl crt {folder}/balancer.pem
{routes}"""
ROUTE = "  use_backend {backend} if {{ hdr(host) -i {host} }}\n"
# Beside the port that browsers take by themselves there is the one that sends them there.
REDIRECT = "frontend plain\n  bind 127.0.0.1:80\n  http-request redirect scheme https code 301\n"
HTTPS = 443
BACKEND = "backend {backend}\n  balance leastconn\n"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def make_certificate(folder: Path, hosts: list[str]) -> None:
    """One key and certificate for all hosts, signed by itself: balancer.pem for HAProxy, authority.pem for clients."""
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=balancer",
            "-addext",
            "subjectAltName=" + ",".join(f"{'DNS' if host[-1].isalpha() else 'IP'}:{host}" for host in hosts),
            "-keyout",
            str(folder / "key.pem"),
            "-out",
            str(folder / "authority.pem"),
        ],
        check=True,
        capture_output=True,
    )
    (folder / "balancer.pem").write_text((folder / "authority.pem").read_text() + (folder / "key.pem").read_text())


def start(folder: Path, routes: dict[str, str], port: int = 0) -> tuple[subprocess.Popen[bytes], int]:
    """Routes say which host is whose backend. A host that none is for gets 503. On a free port unless one is given."""
    make_certificate(folder, list(routes))
    port = port or free_port()
    rules = "".join(ROUTE.format(host=host, backend=backend) for host, backend in routes.items())
    rules += "".join(BACKEND.format(backend=backend) for backend in dict.fromkeys(routes.values()))
    rules += REDIRECT if port == HTTPS else ""
    (folder / "haproxy.cfg").write_text(CONFIGURATION.format(folder=folder, port=port, routes=rules))
    program = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if program is None:
        raise RuntimeError("haproxy is not installed")
    with open(folder / "haproxy.log", "wb") as log:
        process = subprocess.Popen([program, "-db", "-f", str(folder / "haproxy.cfg")], stdout=log, stderr=log)
    for _ in range(100):
        if (folder / "haproxy.sock").exists():
            return process, port
        time.sleep(0.05)
    process.kill()
    raise RuntimeError("haproxy did not start: " + (folder / "haproxy.log").read_text())
