"""What must have come of the guide when all of it was done: not what the control plane believes, but what the engine runs,
and who talks to the stores."""

from __future__ import annotations

import json
import re
import ssl
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from cloud import Cloud
from images_world import container_of
from load import Through
from machine import Json, haproxy, until
from premises import docker

Check = tuple[str, Callable[[], None]]
SETTLED = 240.0


def same(what: str, wanted: Any, found: Any) -> None:
    if wanted != found:
        raise AssertionError(f"{what}: {found} instead of {wanted}")


class Environment:
    def __init__(self, cloud: Cloud, prefix: str) -> None:
        self._cloud = cloud
        self._prefix = prefix
        self._cluster = f"{prefix}-cluster"

    def checks(self) -> Iterator[Check]:
        for app in ("api", "web"):
            yield f"{self._prefix}-{app} runs, as Terraform has defined it", partial(self.as_defined, app)
        yield f"tasks of {self._prefix}-api talk to PostgreSQL, by TLS", self.use_database
        yield f"tasks of {self._prefix}-api talk to Redis", self.use_cache
        yield f"every task of {self._prefix}-migrations ended well", self.migrated

    def _tasks(self, status: str, **which: str) -> list[Json]:
        ecs = self._cloud.ecs
        arns = ecs.list_tasks(cluster=self._cluster, desiredStatus=status, **which)["taskArns"]
        return list(ecs.describe_tasks(cluster=self._cluster, tasks=arns)["tasks"]) if arns else []

    def _running(self, app: str) -> list[Json]:
        """The tasks of a service once its last deployment is completed."""
        name = f"{self._prefix}-{app}"

        def settled() -> bool:
            service = self._cloud.ecs.describe_services(cluster=self._cluster, services=[name])["services"][0]
            return [one["rolloutState"] for one in service["deployments"]] == ["COMPLETED"]

        until(f"{name}'s deployment", settled, SETTLED)
        tasks = self._tasks("RUNNING", serviceName=name)
        same("tasks", 2, len(tasks))
        return tasks

    def as_defined(self, app: str) -> None:
        wanted = self._cloud.defined[f"{self._prefix}-{app}"]
        for task in self._running(app):
            found = json.loads(docker("inspect", container_of(task)))[0]
            same("repository", wanted["image"].rpartition(":")[0], re.split(r"[@:]", found["Config"]["Image"])[0])
            same("user", wanted["user"], found["Config"]["User"])
            same("read-only root", wanted["readonlyRootFilesystem"], found["HostConfig"]["ReadonlyRootfs"])
            same("dropped", wanted["linuxParameters"]["capabilities"]["drop"], found["HostConfig"]["CapDrop"])
            same("MiB", wanted["memory"], found["HostConfig"]["Memory"] >> 20)
            writable = {one["Destination"] for one in found["Mounts"] if one["RW"]}
            same("writable", {one["containerPath"] for one in wanted["mountPoints"]}, writable)
            told = dict(one.split("=", 1) for one in found["Config"]["Env"])
            for setting in wanted["environment"]:
                same(setting["name"], setting["value"], told.get(setting["name"]))
            missing = [one["name"] for one in wanted.get("secrets", []) if not told.get(one["name"])]
            same("secrets that have no value", [], missing)

    def _addresses(self) -> set[str]:
        return {container_of(task).removeprefix("task-") for task in self._running("api")}

    def use_database(self) -> None:
        query = "SELECT DISTINCT host(client_addr) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE ssl"
        connected = set(self._cloud.stores.of_database(self._prefix, query).splitlines())
        same("tasks without a connection", set(), self._addresses() - connected)

    def use_cache(self) -> None:
        clients = self._cloud.stores.of_redis(self._prefix, "CLIENT", "LIST").splitlines()
        fields = [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in clients]
        connected = {one["addr"].rpartition(":")[0] for one in fields if one["name"] == "retell"}
        same("tasks without a connection", set(), self._addresses() - connected)

    def migrated(self) -> None:
        done = self._tasks("STOPPED", family=f"{self._prefix}-migrations")
        same("tasks that were run", True, len(done) > 0)
        same("exit codes", {0}, {task["containers"][0].get("exitCode") for task in done})


def ask(cloud: Cloud, key: str, method: str, target: str, kind: str = "", body: str = "") -> tuple[int, bytes]:
    """The production's API, as visitors do. Status, and the body or where it sends them."""
    context = ssl.create_default_context(cafile=str(cloud.folder / "authority.pem"))
    connection = Through(haproxy.HTTPS, context, 30)
    headers = {"Authorization": f"Bearer {key}"} | ({"Content-Type": kind} if kind else {})
    try:
        connection.request(method, target, body or None, headers)
        answer = connection.getresponse()
        said = answer.read()
        return answer.status, answer.getheader("Location", "").encode() or said
    finally:
        connection.close()


def the_key(cloud: Cloud) -> str:
    return str(cloud.client("secretsmanager").get_secret_value(SecretId="prod/retell-api-key")["SecretString"])


def key_opens(cloud: Cloud) -> None:
    """The key that the guide made by a task lies in the secret, and the load balancer's visitors can use it."""
    statuses = [ask(cloud, key, "GET", "/list-agents")[0] for key in (the_key(cloud), "key_that_nobody_made")]
    same("answers to that key and to another", [200, 401], statuses)


def file_is_kept(cloud: Cloud) -> None:
    """Sent to S3 with the keys of the task's role, encrypted with the key that Terraform made, and found there again."""
    content = "The guide has been followed to its end."
    parts = {'name="knowledge_base_name"': "Guide", 'name="knowledge_base_files"; filename="guide.txt"': content}
    form = "".join(f"--b\r\nContent-Disposition: form-data; {name}\r\n\r\n{it}\r\n" for name, it in parts.items())
    kind, form = "multipart/form-data; boundary=b", f"{form}--b--\r\n"
    status, said = ask(cloud, the_key(cloud), "POST", "/create-knowledge-base", kind, form)
    same(f"status ({said.decode()})", 201, status)
    url = urlsplit(json.loads(said)["knowledge_base_sources"][0]["file_url"])
    settings = {one["name"]: one["value"] for one in cloud.defined["retell-prod-api"]["environment"]}
    bucket, _, prefix = settings["RETELL_RECORDINGS_STORE"].removeprefix("s3://").partition("/")
    s3 = cloud.client("s3")
    found = until("the object", lambda: s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/files/").get("Contents"))
    kept = s3.get_object(Bucket=bucket, Key=found[0]["Key"])
    same("content", content, kept["Body"].read().decode())
    same("encryption", "aws:kms", kept["ServerSideEncryption"])
    same("key", settings["RETELL_RECORDINGS_KMS_KEY_ID"], kept["SSEKMSKeyId"])
    roles = {one.rpartition("/")[2] for one in cloud.roles.given}
    same("roles that tasks asked keys for", {"retell-prod-task-api"}, roles)
    # Its link sends to S3's own, which is signed with the same keys.
    status, link = ask(cloud, "", "GET", f"{url.path}?{url.query}")
    same("status of its link", 302, status)
    same("what S3 gives of it", content, cloud.stores.of_bucket(link.decode()))


def checks(cloud: Cloud) -> Iterator[Check]:
    for prefix in ("retell-prod", "retell-staging"):
        yield from Environment(cloud, prefix).checks()
    yield "the key of prod/retell-api-key opens the API", lambda: key_opens(cloud)
    yield "a file that the API was given lies in the bucket of production, encrypted with its key", lambda: file_is_kept(cloud)


def failure(check: Callable[[], None]) -> str:
    try:
        check()
    except (AssertionError, LookupError, OSError, RuntimeError, subprocess.SubprocessError) as problem:
        return f"{type(problem).__name__}: {problem}"
    return ""
