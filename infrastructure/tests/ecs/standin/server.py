"""The HTTP side: ECS's JSON protocol, elasticloadbalancing's queries, the agent's endpoint, Spot's interruptions."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from . import elb, protection
from .errors import ApiError
from .tasks import Task
from .world import World

Json = dict[str, Any]
AGENT_PATH = re.compile(r"/agent/(\w+)/task-protection/v1/state")
INTERRUPT_PATH = re.compile(r"/spot-interruption/(\w+)")


def serve(world: World, host: str, port: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Answers are smaller than a packet; without this each waits for the client's delayed acknowledgement.
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def _body(self) -> str:
            return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

        def _send(self, status: int, kind: str, text: str) -> None:
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _json(self, status: int, value: Json, kind: str = "application/json") -> None:
            self._send(status, kind, json.dumps(value))

        def do_POST(self) -> None:
            target = self.headers.get("X-Amz-Target", "")
            if interruption := INTERRUPT_PATH.fullmatch(self.path):
                self._interrupt(interruption[1])
            elif target:
                self._ecs(target.rsplit(".", 1)[-1])
            else:
                self._elb()

        def _ecs(self, name: str) -> None:
            operation = getattr(world, name, None) if name[:1].isupper() else None
            kind = "application/x-amz-json-1.1"
            try:
                if operation is None:
                    raise ApiError("UnsupportedFeatureException", f"{name} is not implemented here")
                request = json.loads(self._body() or "{}")
                with world.lock:
                    answer = operation(request)
                self._json(200, answer, kind)
            except ApiError as problem:
                self._json(400, {"__type": problem.code, "message": str(problem)}, kind)

        def _elb(self) -> None:
            try:
                self._send(200, "text/xml", elb.answer(world.balancer, self._body()))
            except ApiError as problem:
                self._send(400, "text/xml", elb.failure(problem))

        def _interrupt(self, task: str) -> None:
            try:
                with world.lock:
                    world.interrupt(task)
                self._json(200, {})
            except ApiError as problem:
                self._json(400, {"message": str(problem)})

        def _agent_task(self) -> Task | None:
            found = AGENT_PATH.fullmatch(self.path)
            return world.tasks.find(found[1]) if found else None

        def _agent(self, change: Json | None) -> None:
            task = self._agent_task()
            if task is None:
                self._json(404, {"error": {"Code": "ResourceNotFoundException", "Message": "no such task"}})
                return
            try:
                with world.lock:
                    failure = None
                    if change is not None:
                        failure = world.protect(task, bool(change["ProtectionEnabled"]), change.get("ExpiresInMinutes"))
                    state = protection.describe(task)
            except (ApiError, KeyError) as problem:
                error = {"Arn": task.arn, "Code": "InvalidParameterException", "Message": str(problem)}
                self._json(400, {"requestID": "-", "error": error})
                return
            if failure:
                told = {"Arn": failure["arn"], "Reason": failure["reason"], "Detail": failure["detail"]}
                self._json(200, {"requestID": "-", "failure": told})
                return
            told = {"TaskArn": state["taskArn"], "ProtectionEnabled": state["protectionEnabled"]}
            if "expirationDate" in state:
                told["ExpirationDate"] = datetime.fromtimestamp(state["expirationDate"], timezone.utc).isoformat()
            self._json(200, {"requestID": "-", "protection": told})

        def do_PUT(self) -> None:
            self._agent(json.loads(self._body() or "{}"))

        def do_GET(self) -> None:
            self._agent(None)

    return ThreadingHTTPServer((host, port), Handler)
