"""python -m standin SETTINGS.json PORT_FILE: serves on a free port of the loopback, and writes it down when it does."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from .balancer import Balancer, HAProxy
from .cloud import Aws, NoCloud
from .runner import ProcessRunner
from .server import serve
from .settings import load
from .tasks import Cloud
from .world import World


def main() -> None:
    settings = load(Path(sys.argv[1]))
    cloud: Cloud = Aws(settings.aws_endpoint, settings.region) if settings.aws_endpoint else NoCloud()
    balancer = Balancer(settings.groups, HAProxy(settings.haproxy_socket))
    world = World(settings, ProcessRunner(Path(settings.images)), balancer, cloud)
    server = serve(world, "127.0.0.1", 0)
    world.agent = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=world.run, daemon=True).start()
    Path(sys.argv[2]).write_text(str(server.server_address[1]))
    server.serve_forever()


main()
