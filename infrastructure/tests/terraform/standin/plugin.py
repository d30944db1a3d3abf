"""HashiCorp's go-plugin, the server's side: a gRPC server on a socket, mutual TLS, and one line that says where it is."""

from __future__ import annotations

import base64
import datetime
import os
import sys
import tempfile
import threading
from concurrent import futures
from typing import Any

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from protocol import PACKAGE, Protocol

COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"  # what every Terraform sends its plugins


def _certificate() -> tuple[bytes, bytes, bytes]:
    """(key, certificate as PEM, certificate as DER) for this one connection."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding, nothing = serialization.Encoding, serialization.NoEncryption()
    private = key.private_bytes(encoding.PEM, serialization.PrivateFormat.PKCS8, nothing)
    return private, certificate.public_bytes(encoding.PEM), certificate.public_bytes(encoding.DER)


def _handlers(protocol: Protocol, provider: Any) -> dict[str, Any]:
    return {
        name: grpc.unary_unary_rpc_method_handler(
            getattr(provider, name), request_deserializer=request.FromString, response_serializer=response.SerializeToString
        )
        for name, request, response in protocol.methods()
        if hasattr(provider, name)
    }


def serve(protocol: Protocol, provider: Any) -> int:
    if os.environ.get("TF_PLUGIN_MAGIC_COOKIE") != COOKIE:
        print("This is a Terraform plugin: terraform starts it.", file=sys.stderr)
        return 1
    stop = threading.Event()

    def shut_down(request: bytes, context: Any) -> bytes:
        stop.set()
        return b""

    server = grpc.server(futures.ThreadPoolExecutor(8), options=[("grpc.max_send_message_length", -1)])
    controller = {"Shutdown": grpc.unary_unary_rpc_method_handler(shut_down)}
    server.add_generic_rpc_handlers((
        grpc.method_handlers_generic_handler(f"{PACKAGE}.Provider", _handlers(protocol, provider)),
        grpc.method_handlers_generic_handler("plugin.GRPCController", controller),
    ))
    with tempfile.TemporaryDirectory(prefix="standin-") as folder:
        address = f"{folder}/socket"
        key, certificate, der = _certificate()
        client = os.environ["PLUGIN_CLIENT_CERT"].encode()
        server.add_secure_port(f"unix:{address}", grpc.ssl_server_credentials([(key, certificate)], client))
        server.start()
        print(f"1|5|unix|{address}|grpc|{base64.b64encode(der).decode().rstrip('=')}", flush=True)
        stop.wait()
        server.stop(1).wait()
    return 0
