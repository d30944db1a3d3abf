"""Terraform's plugin protocol, whose description is taken out of the terraform program itself: so it always fits.

A Go program that speaks gRPC carries its .proto files in serialized form. The one that is looked for begins with its own
name; its end is where the next field could not belong to a file's description any more.
"""

from __future__ import annotations

import pathlib
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2

PACKAGE = "tfplugin5"
START = b"\x0a\x0ftfplugin5.proto"
LAST_FIELD = 14  # of FileDescriptorProto: edition


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _end(data: bytes, at: int) -> int:
    """Fields come in rising order, so the first that does not is another file's."""
    highest = 0
    while True:
        tag, after = _varint(data, at)
        number, wire_type = tag >> 3, tag & 7
        if wire_type != 2 or number < highest or not 1 <= number <= LAST_FIELD:
            return at
        length, after = _varint(data, after)
        highest, at = number, after + length
        if number == 12:  # syntax, which comes last
            return at


def describe(terraform: str) -> bytes:
    data = pathlib.Path(terraform).read_bytes()
    start = data.find(START)
    if start < 0:
        raise SystemExit(f"{terraform} does not carry {PACKAGE}.proto")
    return data[start : _end(data, start)]


class Protocol:
    def __init__(self, description: bytes) -> None:
        self.file = descriptor_pb2.FileDescriptorProto.FromString(description)
        pool = descriptor_pool.DescriptorPool()
        pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
        pool.Add(self.file)
        self._pool = pool

    def message(self, name: str) -> Any:
        """The class of a message, by its name within the package or with it."""
        name = name.removeprefix(f".{PACKAGE}.")
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))

    def methods(self) -> list[tuple[str, Any, Any]]:
        service = next(s for s in self.file.service if s.name == "Provider")
        return [(m.name, self.message(m.input_type), self.message(m.output_type)) for m in service.method]
