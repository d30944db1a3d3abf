#!/usr/bin/env python3
"""Makes apps/api/src/audio/vad/silero_v6.bin, the weights of the built-in voice activity detector.

Needs: pip install onnx numpy
Input: silero_vad_v6.onnx (Silero VAD v6.2, MIT), as shipped in the npm package @ricky0123/vad-web 0.0.31 under dist/.
Usage: convert_silero.py silero_vad_v6.onnx silero_v6.bin

The file is little-endian. Header, 64 bytes: "SILEROV6", version (u32), number of networks (u32), then for each network
rate (u32), FFT size (u32), offset of its first float in bytes (u32), number of floats (u32), FNV-1a 64 of its 32-bit
words (u64). The floats come in the order in which the kernel reads them (vad/silero_kernel.hpp), so that every layer is
one forward sweep through memory; taps that only ever meet padding are left out.
"""

import hashlib
import struct
import sys

import numpy as np
import onnx
from onnx import numpy_helper

VERSION = 1
MODEL_SHA256 = "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"
NETWORKS = (("then_branch", 16000, 256), ("else_branch", 8000, 128))


def constants(branch):
    """Constant tensors of one branch by the end of their name ("decoder.rnn.weight_ih")."""
    found = {}
    for node in branch.node:
        if node.op_type != "Constant":
            continue
        for attribute in node.attribute:
            if attribute.name == "value":
                name = node.output[0].split("__Inline_0__")[-1]
                found[name] = numpy_helper.to_array(attribute.t)
    return found


def blocks(matrix, width):
    """[inputs][outputs] -> [block of outputs][inputs][width]."""
    inputs, outputs = matrix.shape
    return matrix.reshape(inputs, outputs // width, width).transpose(1, 0, 2)


def convolution(weight, taps, width):
    """[outputs][inputs][3] -> [block of outputs][inputs][taps][width]."""
    outputs, inputs, _ = weight.shape
    chosen = weight[:, :, taps].transpose(1, 2, 0).reshape(inputs * len(taps), outputs)
    return blocks(chosen, width)


def network(tensors, fft):
    basis = tensors["stft.forward_basis_buffer"][:, 0, :]
    window = basis[0]
    step = 2.0 * np.pi / fft
    k = np.arange(fft // 2 + 1)[:, None] * np.arange(fft)[None, :] * step
    assert np.abs(basis[: fft // 2 + 1] - window * np.cos(k)).max() < 1e-6, "the basis is no windowed DFT"
    assert np.abs(basis[fft // 2 + 1 :] + window * np.sin(k)).max() < 1e-6, "the basis is no windowed DFT"
    angles = np.arange(fft // 2) * step

    def weight(layer):
        return tensors[f"encoder.{layer}.reparam_conv.weight"]

    def bias(layer):
        return tensors[f"encoder.{layer}.reparam_conv.bias"]

    gates = np.concatenate([tensors["decoder.rnn.weight_ih"].T, tensors["decoder.rnn.weight_hh"].T])
    parts = [
        window,
        np.cos(angles),
        np.sin(angles),
        convolution(weight(0), [0, 1, 2], 16),
        bias(0),
        convolution(weight(1), [0, 1, 2], 32),
        bias(1),
        convolution(weight(2), [1, 2], 64),
        bias(2),
        convolution(weight(3), [1], 64),
        bias(3),
        blocks(gates, 64),
        tensors["decoder.rnn.bias_ih"] + tensors["decoder.rnn.bias_hh"],
        tensors["decoder.decoder.2.weight"],
        np.pad(tensors["decoder.decoder.2.bias"], (0, 15)),
    ]
    flat = [np.ascontiguousarray(part, dtype="<f4").reshape(-1) for part in parts]
    assert all(part.size % 16 == 0 for part in flat), "every part must keep the next one on a 64-byte boundary"
    return np.concatenate(flat)


def fnv1a(floats):
    value = 0xCBF29CE484222325
    for word in floats.view("<u4").tolist():
        value = ((value ^ word) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    if hashlib.sha256(data).hexdigest() != MODEL_SHA256:
        sys.exit(f"{sys.argv[1]} is not Silero VAD v6.2 (sha256 {MODEL_SHA256})")
    graph = onnx.load_model_from_string(data).graph
    choice = next(node for node in graph.node if node.op_type == "If")
    branches = {attribute.name: attribute.g for attribute in choice.attribute}
    networks = [(rate, fft, network(constants(branches[name]), fft)) for name, rate, fft in NETWORKS]

    header = struct.pack("<8sII", b"SILEROV6", VERSION, len(networks))
    offset = 64
    for rate, fft, floats in networks:
        header += struct.pack("<IIIIQ", rate, fft, offset, floats.size, fnv1a(floats))
        offset += floats.nbytes
    assert len(header) <= 64
    with open(sys.argv[2], "wb") as file:
        file.write(header.ljust(64, b"\0"))
        for _, _, floats in networks:
            file.write(floats.tobytes())


if __name__ == "__main__":
    main()
