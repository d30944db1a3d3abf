"""Visitors: requests all the time, and calls that go on over a deployment. What breaks is counted."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from pathlib import Path

HOST = "api.retellai-mvp.com"


class Through(http.client.HTTPSConnection):
    """Asks for the name that the certificate and the load balancer's rule are for, at the loopback's address."""

    def __init__(self, port: int, context: ssl.SSLContext, timeout: float) -> None:
        super().__init__(HOST, timeout=timeout, context=context)
        self._at = ("127.0.0.1", port)
        self._tls = context

    def connect(self) -> None:
        plain = socket.create_connection(self._at, self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=HOST)


class Visitors:
    def __init__(
        self,
        port: int,
        authority: str,
        # Every second visitor is slow, so that requests are under way whenever a task is stopped.
        paths: tuple[str, ...] = ("/health", "/slow?seconds=0.8"),
        key: str = "",
        threads: int = 4,
    ) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._context = ssl.create_default_context(cafile=authority)
        self._over = threading.Event()
        self._lock = threading.Lock()
        self.answered = 0
        self.problems: list[str] = []
        self.ended_calls = 0
        self._threads = [
            threading.Thread(target=self._visit, args=(paths[number % len(paths)],)) for number in range(threads)
        ]

    def __enter__(self) -> Visitors:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _get(self, path: str, timeout: float = 30) -> str:
        connection = Through(self._port, self._context, timeout)
        try:
            connection.request("GET", path, headers=self._headers)
            answer = connection.getresponse()
            body = answer.read().decode()
            if answer.status != 200:
                raise http.client.HTTPException(f"status {answer.status}")
            return body
        finally:
            connection.close()

    def _note(self, problem: str) -> None:
        with self._lock:
            self.problems.append(problem)

    def _visit(self, path: str) -> None:
        while not self._over.is_set():
            try:
                self._get(path)
                with self._lock:
                    self.answered += 1
            except (OSError, http.client.HTTPException) as problem:
                self._note(f"{path}: {problem!r}")
            time.sleep(0.05)

    def call(self, until: Path, at_most: float = 150) -> None:
        """A call that must reach its own end: when the file appears."""

        def run() -> None:
            try:
                if not self._get(f"/call?seconds={at_most}&until={until}").endswith("end\n"):
                    self._note("call: cut off")
                    return
                with self._lock:
                    self.ended_calls += 1
            except (OSError, http.client.HTTPException) as problem:
                self._note(f"call: {problem!r}")

        self._threads.append(threading.Thread(target=run))
        self._threads[-1].start()
