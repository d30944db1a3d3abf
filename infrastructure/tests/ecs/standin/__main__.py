"""python -m standin SETTINGS.json PORT_FILE: serves on a free port of the settings' host, and writes it down then."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from .balancer import Balancer, HAProxy
from .cloud import Aws, NoCloud
from .docker_runner import DockerRunner
from .runner import ProcessRunner, Runner
from .server import serve
from .settings import load
from .tasks import Cloud
from .world import World


def main() -> None:
    settings = load(Path(sys.argv[1]))
    cloud: Cloud = Aws(settings.aws_endpoint, settings.region) if settings.aws_endpoint else NoCloud()
    balancer = Balancer(settings.groups, HAProxy(settings.haproxy_socket))
    runner: Runner = ProcessRunner(Path(settings.images))
    if settings.docker_network:
        runner = DockerRunner(settings.docker_network, settings.docker_options)
    world = World(settings, runner, balancer, cloud)
    server = serve(world, settings.host, 0)
    world.agent = f"http://{settings.host}:{server.server_address[1]}"
    threading.Thread(target=world.run, daemon=True).start()
    Path(sys.argv[2]).write_text(str(server.server_address[1]))
    server.serve_forever()


main()
