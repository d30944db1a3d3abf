"""What stands around tasks that a Docker engine runs: their network, a registry that poses as ECR, and PostgreSQL,
which poses as RDS. All of it is in the engine's own network; its namespaces are those of the process $ENGINE."""

from __future__ import annotations

import base64
import ctypes
import json
import os
import shutil
import signal
import ssl
import subprocess
import urllib.request
from pathlib import Path

from machine import Machine, haproxy, until

NETWORK, PREFIX = "retell-tasks", "10.77"
# The engine's side of the network: what tasks reach, and what is no loopback, of which Docker asks no certificate.
GATEWAY = f"{PREFIX}.0.1"
POSTGRES_PORT = 5432
BCRYPT_SALT = b"$2b$05$thisisthesaltoftests0u"


def docker(*words: str) -> str:
    """What it writes, and for `docker logs` that is a container's two streams."""
    done = subprocess.run(["docker", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"docker {' '.join(words)}: {done.stdout}")
    return done.stdout.strip()


def in_engines_mounts(*words: str) -> None:
    subprocess.run(["nsenter", f"--mount=/proc/{os.environ['ENGINE']}/ns/mnt", *words], check=True)


class Premises:
    def __init__(self, machine: Machine, ecr: str) -> None:
        self._machine = machine
        self._covered: list[str] = []
        self._postgres: list[subprocess.Popen[bytes]] = []
        self._ecr = ecr
        self._registry_login = ""
        self._client: tuple[list[str], dict[str, str]] = ([], {})
        self._folder = machine.folder / "premises"
        self._folder.mkdir()
        machine.folder.chmod(0o755)
        # One certificate for both: the registry's name, and the address at which the database is.
        haproxy.make_certificate(self._folder, [ecr, GATEWAY])
        docker("network", "create", "--subnet", f"{PREFIX}.0.0/16", "--gateway", GATEWAY, NETWORK)
        self.authority = self._folder / "authority.pem"

    def start_registry(self, password: str) -> None:
        """With a password, and a certificate that only the engine trusts."""
        self._registry_login = base64.b64encode(f"AWS:{password}".encode()).decode()
        crypt = ctypes.CDLL("libcrypt.so.1").crypt
        crypt.restype = ctypes.c_char_p
        known = crypt(password.encode(), BCRYPT_SALT).decode()
        (self._folder / "htpasswd").write_text(f"AWS:{known}\n")
        settings = {
            "version": 0.1,
            "storage": {
                "filesystem": {"rootdirectory": str(self._folder / "registry")},
                "delete": {"enabled": True},
            },
            "http": {
                "addr": f"{GATEWAY}:443",
                "tls": {"certificate": str(self.authority), "key": str(self._folder / "key.pem")},
            },
            "auth": {"htpasswd": {"realm": "ECR", "path": str(self._folder / "htpasswd")}},
        }
        configuration = self._folder / "registry.yml"
        configuration.write_text(json.dumps(settings))  # which is YAML as well
        self._machine.spawn("registry", ["docker-registry", "serve", str(configuration)])
        hosts = self._folder / "hosts"
        hosts.write_text(f"127.0.0.1 localhost\n{GATEWAY} {self._ecr}\n")
        trusted = self._folder / "trusted" / self._ecr
        trusted.mkdir(parents=True)
        shutil.copy(self.authority, trusted / "ca.crt")
        in_engines_mounts("mkdir", "-p", "/etc/docker/certs.d")
        for place, source in (("/etc/hosts", hosts), ("/etc/docker/certs.d", self._folder / "trusted")):
            in_engines_mounts("mount", "--bind", str(source), place)
            self._covered.append(place)

    def forget_image(self, repository: str, digest: str) -> None:
        """Out of the registry, as a lifecycle rule or a hasty clean-up takes it."""
        request = urllib.request.Request(
            f"https://{GATEWAY}/v2/{repository}/manifests/{digest}",
            headers={"Authorization": f"Basic {self._registry_login}"},
            method="DELETE",
        )
        context = ssl.create_default_context(cafile=str(self.authority))
        urllib.request.urlopen(request, context=context).close()

    def start_database(self, password: str, address: str = GATEWAY, certified: Path | None = None) -> str:
        """With TLS alone, as RDS. Returns what tasks are told; the certificate's authority is where they look for RDS's.
        The certificate lies in a folder of its own where the database is known by a name."""
        folder = self._folder / f"postgres-{address}"
        folder.mkdir()
        (folder / "password").write_text(password)
        shutil.copy((certified or self._folder) / "authority.pem", folder / "server.crt")
        shutil.copy((certified or self._folder) / "key.pem", folder / "server.key")
        (folder / "server.key").chmod(0o600)
        for one in (folder, *folder.iterdir()):
            shutil.chown(one, "postgres", "postgres")
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
        made = [
            *(str(programs / "initdb"), "--no-sync", "--auth=scram-sha-256", "--username=retell", "--encoding=UTF8"),
            *("--locale=C.UTF-8", f"--pwfile={folder / 'password'}", str(folder / "data")),
        ]
        subprocess.run([*user, *made], check=True, capture_output=True, cwd=folder)
        with open(folder / "data/pg_hba.conf", "a") as rules:
            rules.write("hostssl all all all scram-sha-256\n")
        settings = {
            "listen_addresses": address, "port": POSTGRES_PORT, "unix_socket_directories": folder, "fsync": "off",
            "ssl": "on", "ssl_cert_file": folder / "server.crt", "ssl_key_file": folder / "server.key",
        }  # fmt: skip
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        server = [*user, str(programs / "postgres"), "-D", str(folder / "data"), *options]
        self._postgres.append(self._machine.spawn(folder.name, server))
        client = [str(programs / "psql"), "-h", address, "-U", "retell", "--no-psqlrc", "--tuples-only", "--no-align"]
        self._client = (client, {"PGPASSWORD": password, "PGSSLMODE": "require", "PATH": os.environ["PATH"]})
        until("PostgreSQL", lambda: self._psql("postgres", "CREATE DATABASE retell").returncode == 0)
        return f"postgres://retell@{address}:{POSTGRES_PORT}/retell?sslmode=verify-full&sslrootcert=/etc/ssl/rds.pem"

    def _psql(self, database: str, statement: str) -> subprocess.CompletedProcess[str]:
        client, environment = self._client
        words = [*client, "-d", database, "-c", statement]
        return subprocess.run(words, env=environment, capture_output=True, text=True)

    def query(self, statement: str) -> list[str]:
        """The lines of the answer of the database that was started last."""
        done = self._psql("retell", statement)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.splitlines()

    def close(self) -> None:
        # Asked politely it would wait for its clients.
        for postgres in self._postgres:
            postgres.send_signal(signal.SIGINT)
        for place in self._covered:
            in_engines_mounts("umount", place)
