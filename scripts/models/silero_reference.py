#!/usr/bin/env python3
"""Makes the speech and the reference probabilities of apps/api/tests/data/vad, which our kernel is compared with.

Needs: flite, pip install onnxruntime numpy
Usage: silero_reference.py silero_vad_v6.onnx OUTPUT_FOLDER [HUMAN.wav]

Writes speech_16k.wav and speech_8k.wav (two flite voices with pauses, over faint and then loud noise) and for each a
.txt with ONNX Runtime's probability of every 32 ms window, one a line. With a recording of a person (16 kHz, mono, 16
bits) also human_*: its first six seconds. The one kept here is President Kennedy's inaugural address, 1961, a work of
the United States' government and in the public domain, as samples/jfk.wav of whisper.cpp brings it.
"""

import os
import subprocess
import sys
import tempfile
import wave

import numpy as np
import onnxruntime


def speak(voice, text):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "speech.wav")
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", path], check=True)
        with wave.open(path) as file:
            assert file.getframerate() == 16000
            return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float64)


def clip():
    noise = np.random.default_rng(7)
    silence = np.zeros
    sound = np.concatenate(
        [
            silence(8000),
            speak("rms", "Hello, I would like to book a table."),
            silence(9600),
            speak("slt", "For two, tomorrow.") * 0.3,
            silence(6400),
        ]
    )
    level = np.where(np.arange(sound.size) < 30000, 10.0, 150.0)
    level[:4000] = 0.0
    return np.clip(np.round(sound + noise.normal(size=sound.size) * level), -32768, 32767).astype("<i2")


def halve(sound):
    """Low-pass by a windowed sinc of 101 taps, then every second sample."""
    n = np.arange(-50, 51)
    taps = np.sinc(n * 0.46) * 0.46 * np.hamming(101)
    return np.round(np.clip(np.convolve(sound, taps, "same")[::2], -32768, 32767)).astype("<i2")


def save(path, rate, sound):
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(sound.tobytes())


def probabilities(session, rate, sound):
    window, context = (512, 64) if rate == 16000 else (256, 32)
    state = np.zeros((2, 1, 128), dtype=np.float32)
    before = np.zeros(context, dtype=np.float32)
    for start in range(0, sound.size - window + 1, window):
        samples = sound[start : start + window].astype(np.float32) / np.float32(32768)
        inputs = {"input": np.concatenate([before, samples])[None], "state": state, "sr": np.array(rate, dtype=np.int64)}
        output, state = session.run(None, inputs)
        before = samples[-context:]
        yield float(output[0, 0])


def human(path):
    with wave.open(path) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16000, 1, 2)
        return np.frombuffer(file.readframes(6 * 16000), dtype="<i2")


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    session = onnxruntime.InferenceSession(sys.argv[1])
    clips = {"speech": clip}
    if len(sys.argv) == 4:
        clips["human"] = lambda: human(sys.argv[3])
    for kind, make in clips.items():
        wide = make()
        for rate, sound in ((16000, wide), (8000, halve(wide))):
            name = os.path.join(sys.argv[2], f"{kind}_{rate // 1000}k")
            save(name + ".wav", rate, sound)
            with open(name + ".txt", "w", encoding="ascii") as file:
                file.writelines(f"{p:.8f}\n" for p in probabilities(session, rate, sound))


if __name__ == "__main__":
    main()
