"""The scenarios' world with the product's own images: built by a Docker engine, pushed to a registry that poses as ECR,
and run as the task definitions of Terraform have it. Runs inside of the engine's network (images/with-engine.sh)."""

from __future__ import annotations

import base64
import json
import os
import shutil
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

from load import Through
from machine import HERE, Json, haproxy, until
from premises import GATEWAY, NETWORK, Premises, docker
from premises import PREFIX as NETWORK_PREFIX
from world import ECR, PREFIX, World
from world import NETWORK as TASK_NETWORK

# The load balancer here has looked often enough within it.
NOTICE = 6
DATABASE_PASSWORD = "the password of the database"
CONTEXT = ("scripts", "apps/api", "apps/web", "LICENSE", "THIRD_PARTY.md", ".dockerignore", ".gitignore")
DATA = "/var/lib/retell"
# Calls are held by the machine's own models, which the image fetches once; their containers on AWS do it at start.
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "retell"
MODELS = Path(os.environ.get("RETELL_CACHE_DIR", CACHE)) / "models"


def container_of(task: Json) -> str:
    details = task["attachments"][0]["details"]
    return "task-" + next(str(one["value"]) for one in details if one["name"] == "privateIPv4Address")


class ImagesWorld(World):
    # The name that callers use has no port.
    balancer_port = haproxy.HTTPS
    grace = 60

    def __init__(self) -> None:
        try:
            super().__init__(NETWORK_PREFIX)
            self.first = self.commit()
            deployed = self.deploy()
            assert deployed.status == 0, deployed.text
            written = self.run_once("keys", "create", "--quiet")
            self.key = next(line for line in written.splitlines() if line.startswith("key_"))
        except BaseException:
            self.close()
            raise

    def _ecs_settings(self) -> Json:
        self.premises = Premises(self, ECR)
        self.database_url = self.premises.start_database(DATABASE_PASSWORD)
        # The execution role's own login, apart from that of who deploys.
        os.environ["DOCKER_CONFIG"] = str(self.folder / "execution-role")
        mounted = (f"{self.premises.authority}:/etc/ssl/rds.pem:ro", f"{MODELS}:{DATA}/models/models:ro")
        options = [word for one in mounted for word in ("--volume", one)]
        return {"host": GATEWAY, "docker_network": NETWORK, "docker_options": options}

    def _groups(self) -> dict[str, Json]:
        # A machine that speaks and compiles at once may take a moment to answer.
        patient = {"timeout": 3.0, "unhealthy_after": 5}
        return {arn: group | patient for arn, group in super()._groups().items()}

    def _environment(self) -> dict[str, str]:
        environment = super()._environment()
        return environment | {
            "PATH": f"{HERE / 'shim-engine'}:{environment['PATH']}",
            "SHIM_DOCKER": str(shutil.which("docker")),
            "DOCKER_HOST": os.environ["DOCKER_HOST"],
            "RETELL_DEPLOY_TIMEOUT": "240",
        }

    def _make_checkout(self) -> None:
        self.copy_to_checkout(*CONTEXT)
        self.start_repository()

    def _make_first_images(self) -> None:
        """As the guide does it by hand, once, before the services are there."""
        token = self.ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
        password = base64.b64decode(token).decode().partition(":")[2]
        self.premises.start_registry(password)
        login = ["docker", "login", "--username", "AWS", "--password-stdin", ECR]

        def logged_in() -> bool:
            return subprocess.run(login, input=password.encode(), capture_output=True).returncode == 0

        until("the registry", logged_in)
        for app in ("api", "web"):
            name = f"{PREFIX}/{app}:latest"
            for words in (
                ["build", "-t", name, "-f", f"apps/{app}/Dockerfile", "."],
                ["tag", name, f"{ECR}/{name}"],
                ["push", f"{ECR}/{name}"],
            ):
                self._by_hand(words)
        if not (MODELS / "smollm2-135m-instruct").is_dir():
            volume = f"{MODELS.parent}:{DATA}/models"
            docker("run", "--rm", "--user", "0", "--volume", volume, f"{PREFIX}/api:latest", "models", "pull", "--defaults")

    def _by_hand(self, words: list[str]) -> None:
        environment = self.environment | {"DOCKER_CONFIG": os.environ["DOCKER_CONFIG"]}
        done = subprocess.run(
            ["docker", *words], env=environment, cwd=self.checkout, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise RuntimeError(done.stdout[-4000:] + done.stderr)

    def container(self, name: str, app: str, command: list[str]) -> Json:
        """As ecs_api.tf, ecs_migrations.tf and ecs_web.tf have it."""
        described = super().container(name, app, command) | {
            "user": "10001:10001",
            "readonlyRootFilesystem": True,
            "linuxParameters": {"initProcessEnabled": True, "capabilities": {"add": [], "drop": ["ALL"]}},
            "mountPoints": [{"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": False}],
            "secrets": [],
        }
        if app == "web":
            return described | {
                "command": [],
                "environment": [
                    {"name": "RETELL_API_URL", "value": "https://api.retellai-mvp.com"},
                    {"name": "RETELL_STOP_NOTICE_SECONDS", "value": str(NOTICE)},
                ],
            }
        described["mountPoints"].append({"sourceVolume": "data", "containerPath": DATA, "readOnly": False})
        settings = {
            "RETELL_DATABASE_URL": self.database_url,
            "RETELL_DATA_DIR": DATA,
            "RETELL_LOG_FORMAT": "json",
            "RETELL_SERVER_HOST": "0.0.0.0",
            "RETELL_SERVER_PORT": "8080",
            "RETELL_SERVER_PUBLIC_URL": "https://api.retellai-mvp.com",
            "RETELL_SERVER_PROXIES": "1",
            "RETELL_STOP_SECONDS": "60",
        }
        secrets = {
            "RETELL_DATABASE_PASSWORD": self.secret("database-password", DATABASE_PASSWORD),
            "RETELL_SECURITY_SECRET_KEY": self.secret("secret-key", base64.b64encode(bytes(range(32))).decode()),
        }
        if name == "api":
            secrets["RETELL_SECURITY_JWT_SECRET"] = self._secrets["jwt-secret"]
        return described | {
            "environment": [{"name": key, "value": value} for key, value in settings.items()],
            "secrets": [{"name": key, "valueFrom": arn} for key, arn in secrets.items()],
        }

    # what a test does and asks

    def edit(self, name: str, change: Callable[[str], str]) -> None:
        """A file of the checkout; one that is not there yet is empty."""
        path = self.checkout / name
        before = path.read_text() if path.exists() else ""
        after = change(before)
        assert after != before, f"{name} is not what the test thought"
        path.write_text(after)

    def schema(self) -> list[str]:
        """All that migrations make, and which of them were applied."""
        columns = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
        applied = self.premises.query("SELECT version, checksum FROM schema_migrations ORDER BY version")
        return sorted(self.premises.query(columns)) + applied

    def run_once(self, *command: str, revision: str = "", status: int = 0) -> str:
        """A task of its own with another command, which ends with that status; what it wrote. The newest revision is run
        unless one is named."""
        answer = self.ecs.run_task(
            cluster=f"{PREFIX}-cluster",
            taskDefinition=f"{PREFIX}-api:{revision}".rstrip(":"),
            launchType="FARGATE",
            networkConfiguration=TASK_NETWORK,
            overrides={"containerOverrides": [{"name": "api", "command": list(command)}]},
        )
        arn = answer["tasks"][0]["taskArn"]

        def task() -> Json:
            return self.described_tasks([arn])[0]

        until("the task's end", lambda: task()["lastStatus"] == "STOPPED")
        events = self._client("logs", self.moto).get_log_events(
            logGroupName=f"/ecs/{PREFIX}/api", logStreamName=f"api/api/{arn.rsplit('/', 1)[-1]}"
        )["events"]
        text = "\n".join(one["message"] for one in events)
        assert task()["containers"][0]["exitCode"] == status, text
        return text

    def talking(self) -> set[str]:
        """The API's tasks that a call has reached, and that are protected for it. One that only made the call is not
        among them: its sound may come to any task."""
        running = [task for task in self.tasks("api") if task["lastStatus"] == "RUNNING"]
        reached = {task["taskArn"] for task in running if "call began" in docker("logs", container_of(task))}
        if not reached:
            return set()
        found = self.ecs.get_task_protection(cluster=f"{PREFIX}-cluster", tasks=list(reached))["protectedTasks"]
        return {one["taskArn"] for one in found if one["protectionEnabled"]}

    @staticmethod
    def release_of(task: Json) -> str:
        """What the engine says of the image that the task's container runs."""
        label = '{{index .Config.Labels "org.opencontainers.image.revision"}}'
        return docker("inspect", "--format", label, container_of(task))

    def call(self, turns: int) -> subprocess.Popen[str]:
        """A caller who has so much to say, somewhere on the internet."""
        said = [word for _ in range(turns) for word in ("--say", "What is the capital of France?")]
        return subprocess.Popen(
            [
                *("docker", "run", "--rm", "--network", "host", "--add-host", "api.retellai-mvp.com:127.0.0.1"),
                *("--volume", f"{self.folder / 'authority.pem'}:/authority.pem:ro"),
                *("--env", "SSL_CERT_FILE=/authority.pem"),
                *("--env", "RETELL_API_KEY", f"{PREFIX}/api:{self.first}"),
                *("call", "--json", "--server", "https://api.retellai-mvp.com", "--limit", "600", *said),
            ],
            env=os.environ | {"RETELL_API_KEY": self.key},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, method: str, path: str, body: Json | None = None) -> Json:
        """The API, as the world reaches it."""
        context = ssl.create_default_context(cafile=str(self.folder / "authority.pem"))
        connection = Through(self.port, context, 30)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, json.dumps(body or {}), headers)
            answer = connection.getresponse()
            written = answer.read().decode()
        finally:
            connection.close()
        assert answer.status in (200, 204), f"{path}: {answer.status} {written}"
        return dict(json.loads(written)) if written else {}

    def ongoing(self) -> str:
        """The one call that goes on."""
        calls = self.ask("POST", "/v3/list-calls")["items"]
        (call,) = [one["call_id"] for one in calls if one["call_status"] == "ongoing"]
        return str(call)

    def close(self) -> None:
        self.premises.close()
        super().close()
