"""What Terraform's records of stores point at, brought to life under the names that AWS gave them: a PostgreSQL for each RDS
instance, a Redis for each replication group of ElastiCache, and the emulation's buckets (bucket.py), all over TLS alone."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bucket import host_of, start_door
from machine import Machine, haproxy, until
from premises import Premises

# Addresses of the engine's own network, apart from the tasks': they reach these through their gateway, as tasks of AWS
# reach another subnet.
SUBNET = "10.78.0"
REDIS_PORT = 6379
# Where tasks look for who signs: the file that the task definitions name for RDS, and the system's list, in which the
# authority of the other services is.
RDS_AUTHORITY, SYSTEMS_AUTHORITIES = "/etc/ssl/rds.pem", "/etc/ssl/certs"


def said(words: list[str], environment: dict[str, str]) -> str:
    """Passwords are told by the environment, where no other process sees them."""
    return subprocess.run(words, env=os.environ | environment, capture_output=True, text=True).stdout.strip()


class Stores:
    def __init__(self, machine: Machine, premises: Premises, client: Any, moto: str) -> None:
        self._machine = machine
        self._premises = premises
        self._client = client
        self._hosts: dict[str, str] = {}
        # Address and password of each.
        self._redis: dict[str, tuple[str, str]] = {}
        self._databases: dict[str, tuple[str, str]] = {}
        groups = client("elasticache").describe_replication_groups()["ReplicationGroups"]
        caches = {one["ReplicationGroupId"]: one["NodeGroups"][0]["PrimaryEndpoint"]["Address"] for one in groups}
        buckets = [host_of(one["Name"]) for one in client("s3").list_buckets()["Buckets"]]
        self._rds = self._start_databases()
        self._amazon = self._certificate("amazon", [*caches.values(), *buckets])
        for name, host in caches.items():
            self._start_cache(name, host)
        door = self._address(*buckets)
        start_door(machine, door, self._amazon, moto)

    def _certificate(self, name: str, hosts: list[str]) -> Path:
        folder = self._machine.folder / name
        folder.mkdir()
        haproxy.make_certificate(folder, hosts)
        return folder

    def _address(self, *hosts: str) -> str:
        """One that these names lead to."""
        address = f"{SUBNET}.{len(self._hosts) + 1}"
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
        self._hosts |= dict.fromkeys(hosts, address)
        return address

    def _start_databases(self) -> Path:
        instances = self._client("rds").describe_db_instances()["DBInstances"]
        certified = self._certificate("rds", [one["Endpoint"]["Address"] for one in instances])
        for instance in instances:
            # As RDS makes the secret that Terraform asks it for; the emulation's holds one password for all.
            password = secrets.token_urlsafe(21)
            text = json.dumps({"username": instance["MasterUsername"], "password": password})
            secret = instance["MasterUserSecret"]["SecretArn"]
            self._client("secretsmanager").put_secret_value(SecretId=secret, SecretString=text)
            address = self._address(instance["Endpoint"]["Address"])
            self._premises.start_database(password, address, certified)
            self._databases[instance["DBInstanceIdentifier"]] = (address, password)
        return certified

    def _start_cache(self, name: str, host: str) -> None:
        secret = f"{name.removeprefix('retell-')}/redis-auth-token"
        token = self._client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
        address = self._address(host)
        settings = {
            "bind": address, "port": 0, "tls-port": REDIS_PORT, "tls-auth-clients": "no", "requirepass": token,
            "tls-cert-file": self._amazon / "authority.pem", "tls-key-file": self._amazon / "key.pem", "save": '""',
            "dir": self._amazon,
        }  # fmt: skip
        configuration = self._amazon / f"{name}.conf"
        configuration.touch(mode=0o600)
        configuration.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
        self._machine.spawn(f"redis-{name}", ["redis-server", str(configuration)])
        self._redis[name] = (address, token)
        until(f"Redis of {name}", lambda: self.of_redis(name, "PING") == "PONG")

    def of_redis(self, group: str, *words: str) -> str:
        """What a command says to it, or nothing while it is not there."""
        address, token = self._redis[group]
        asked = ["redis-cli", "-h", address, "-p", str(REDIS_PORT), "--tls", "--insecure", *words]
        return said(asked, {"REDISCLI_AUTH": token})

    def of_database(self, instance: str, query: str) -> str:
        address, password = self._databases[instance]
        asked = ["psql", "-h", address, "-U", "retell", "-d", "retell", "-At", "-c", query]
        return said(asked, {"PGPASSWORD": password, "PGSSLMODE": "require"})

    def of_bucket(self, url: str) -> str:
        host = str(urlsplit(url).hostname)
        trusted = ["--cacert", str(self._amazon / "authority.pem"), "--resolve", f"{host}:443:{self._hosts[host]}"]
        return said(["curl", "--silent", "--show-error", "--fail", *trusted, url], {})

    def options(self) -> list[str]:
        """What `docker create` must be told so that tasks find the stores and trust them."""
        root = self._amazon / "authority.pem"
        name = subprocess.run(
            ["openssl", "x509", "-noout", "-hash", "-in", str(root)], check=True, capture_output=True, text=True
        ).stdout.strip()
        mounted = {RDS_AUTHORITY: self._rds / "authority.pem", f"{SYSTEMS_AUTHORITIES}/{name}.0": root}
        words = [word for place, file in mounted.items() for word in ("--volume", f"{file}:{place}:ro")]
        return words + [word for host, ip in self._hosts.items() for word in ("--add-host", f"{host}:{ip}")]
