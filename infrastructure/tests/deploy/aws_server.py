"""aws_server.py SOCKET: runs the AWS CLI for shim/aws, each command in a fork of a process that has it loaded."""

from __future__ import annotations

import array
import json
import os
import signal
import socket
import sys

from awscli.clidriver import create_clidriver

USED = ("ecs", "ecr", "elbv2", "dynamodb", "logs", "secretsmanager", "service-quotas", "sts")


def receive(connection: socket.socket) -> tuple[dict, list[int]]:  # type: ignore[type-arg]
    streams = array.array("i")
    head, ancillary, _, _ = connection.recvmsg(4, socket.CMSG_SPACE(3 * streams.itemsize))
    for _, _, data in ancillary:
        streams.frombytes(data)
    wanted, text = int.from_bytes(head, "big"), b""
    while len(text) < wanted:
        text += connection.recv(wanted - len(text))
    return json.loads(text), list(streams)


def run(connection: socket.socket) -> int:
    request, streams = receive(connection)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    status = driver.main(request["argv"])
    sys.stdout.flush()
    sys.stderr.flush()
    return int(status)


driver = create_clidriver()
for service in USED:
    driver.session.get_service_model(service)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children: the kernel buries them
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(64)
while True:
    accepted, _ = listener.accept()
    if os.fork() == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        code = 255
        try:
            code = run(accepted)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        finally:
            accepted.send(bytes([code & 0xFF]))
            os._exit(code & 0xFF)
    accepted.close()
