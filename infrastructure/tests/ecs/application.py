#!/usr/bin/env python3
"""The smallest service that behaves as the product's API and Web do under ECS, to be run as a task in tests.

    application.py ADDRESS serve          answers on port 8080 of that address
    application.py ADDRESS migrate up     a migration: writes a line, ends with MIGRATION_EXIT
    application.py ADDRESS keys create    writes an API key

A call is a response that goes on for some seconds and ends with the line "end". While there are calls the task asks ECS for
protection. On SIGTERM it is not ready any more, but goes on until the last request has ended.

MODE: good, crash (ends at once), sick (never ready), unhealthy (nor healthy).
RELEASE: what /release.txt says. MIGRATION_SECONDS: how long it takes.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
import urllib.request
from urllib.parse import parse_qs, urlsplit

PORT = 8080
# Load balancers notice within this time that a task is not ready.
NOTICE = 1.5


class Application:
    def __init__(self) -> None:
        self.calls = 0
        self.requests = 0
        self.stopping_since: float | None = None
        self.protection = asyncio.Lock()
        self.protected = False

    def ready(self) -> bool:
        return self.stopping_since is None and os.environ.get("MODE", "good") not in ("sick", "unhealthy")

    async def match_protection(self) -> None:
        """Protected while there are calls; asked for in order, so that the last answer is the one that holds."""
        async with self.protection:
            wanted = self.calls > 0
            if wanted == self.protected:
                return
            answer = await asyncio.to_thread(put_protection, wanted)
            self.protected = wanted and "protection" in answer
            if "failure" in answer:
                print("not protected:", answer["failure"]["Reason"], flush=True)

    async def call(self, writer: asyncio.StreamWriter, seconds: float) -> None:
        self.calls += 1
        try:
            await self.match_protection()
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                writer.write(b"6\r\nsound\n\r\n")
                await writer.drain()
                await asyncio.sleep(0.1)
            writer.write(b"4\r\nend\n\r\n0\r\n\r\n")
            await writer.drain()
        finally:
            self.calls -= 1
            await self.match_protection()

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            url = urlsplit(head.split(b" ", 2)[1].decode())
            query = {key: values[0] for key, values in parse_qs(url.query).items()}
            if url.path == "/call":
                await self.call(writer, float(query["seconds"]))
            else:
                await asyncio.sleep(float(query.get("seconds", 0)))
                writer.write(self.answer(url.path))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the other side has gone
        finally:
            self.requests -= 1
            writer.close()

    def answer(self, path: str) -> bytes:
        status, body = "200 OK", "ok\n"
        if path == "/ready" and not self.ready():
            status, body = "503 Service Unavailable", "not ready\n"
        elif path == "/health" and os.environ.get("MODE") == "unhealthy":
            status, body = "503 Service Unavailable", "unhealthy\n"
        elif path == "/list-agents":
            status, body = "401 Unauthorized", json.dumps({"status": "error", "message": "no key"})
        elif path == "/release.txt":
            body = os.environ.get("RELEASE", "none") + "\n"
        headers = (
            f"Content-Length: {len(body)}\r\nX-Frame-Options: DENY\r\nStrict-Transport-Security: max-age=31536000\r\n"
        )
        return f"HTTP/1.1 {status}\r\n{headers}Connection: close\r\n\r\n{body}".encode()

    def stop(self) -> None:
        self.stopping_since = self.stopping_since or time.monotonic()

    async def serve(self, address: str) -> None:
        server = await asyncio.start_server(self.connection, address, PORT)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.stop)
        print("listening", flush=True)
        async with server:
            while self.stopping_since is None or time.monotonic() < self.stopping_since + NOTICE or self.requests > 0:
                await asyncio.sleep(0.05)


def put_protection(enabled: bool) -> dict[str, dict[str, str]]:
    request = urllib.request.Request(
        os.environ["ECS_AGENT_URI"] + "/task-protection/v1/state",
        json.dumps({"ProtectionEnabled": enabled, "ExpiresInMinutes": 60}).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def main() -> int:
    address, command = sys.argv[1], sys.argv[2:]
    if os.environ.get("MODE") == "crash":
        print("this program ends at once", flush=True)
        return 1
    if command[:1] == ["migrate"]:
        print(
            "applied 0001_init.sql, with", "a" if os.environ.get("DATABASE_PASSWORD") else "no", "password", flush=True
        )
        time.sleep(float(os.environ.get("MIGRATION_SECONDS", "0")))
        return int(os.environ.get("MIGRATION_EXIT", "0"))
    if command[:1] == ["keys"]:
        print("key_0123456789abcdef\n\nKeep it: only its hash is stored.", flush=True)
        return 0
    asyncio.run(Application().serve(address))
    return 0


sys.exit(main())
