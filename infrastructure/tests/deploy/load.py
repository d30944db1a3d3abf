"""Visitors: requests all the time. What breaks is counted."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time

API, WEB = "api.retellai-mvp.com", "app.retellai-mvp.com"


class Through(http.client.HTTPSConnection):
    """Asks for the name that the certificate and the load balancer's rule are for, at the loopback's address."""

    def __init__(self, port: int, context: ssl.SSLContext, timeout: float, host: str = API) -> None:
        super().__init__(host, timeout=timeout, context=context)
        self._at = ("127.0.0.1", port)
        self._tls = context

    def connect(self) -> None:
        plain = socket.create_connection(self._at, self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


class Visitors:
    def __init__(
        self,
        port: int,
        authority: str,
        # Every second visitor is slow, so that requests are under way whenever a task is stopped. Where a path has no host
        # before it, it is the API's.
        paths: tuple[str, ...] = ("/health", "/slow?seconds=0.8"),
        key: str = "",
        threads: int = 4,
        pause: float = 0.05,
    ) -> None:
        self._port = port
        self._pause = pause
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._context = ssl.create_default_context(cafile=authority)
        self._over = threading.Event()
        self._lock = threading.Lock()
        self.answered = 0
        self.problems: list[str] = []
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

    def _get(self, where: str, timeout: float = 30) -> str:
        host, slash, path = where.partition("/")
        connection = Through(self._port, self._context, timeout, host or API)
        try:
            connection.request("GET", slash + path, headers=self._headers if not host else {})
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
            time.sleep(self._pause)
