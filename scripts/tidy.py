#!/usr/bin/env python3
"""clang-tidy over every source that build/dev compiles, warnings as errors. Build first: scripts/build.sh dev.

    scripts/tidy.py [PATTERN...]    all files, or those whose path holds one of the patterns

A file that passed is not looked at again until something that decides the outcome changes: its text, a header of this
repository that it includes (as the compiler reported them to Ninja), its command, .clang-tidy, or an installed package.
What passed is remembered in ~/.cache/retell/tidy (RETELL_CACHE_DIR moves it).
"""
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

root = Path(__file__).resolve().parent.parent
build = root / "apps/api/build/dev"
llvm = Path("/usr/lib/llvm-19")
cache = Path(os.environ.get("RETELL_CACHE_DIR", Path.home() / ".cache/retell")) / "tidy"
seconds_per_file = 300
days_kept = 30


def sha256(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def output(*command: str | Path) -> bytes:
    return subprocess.run(command, check=True, capture_output=True).stdout


def plugin() -> Path:
    """The compiled own_code.cpp, made once for each version of it and of clang-tidy."""
    source = root / "scripts/tidy/own_code.cpp"
    version = output(llvm / "bin/clang-tidy", "--version")
    library = cache / f"own_code-{sha256(source.read_bytes(), version)[:16]}.so"
    if not library.exists():
        unfinished = library.with_suffix(f".{os.getpid()}")
        output(llvm / "bin/clang++", "-std=c++17", "-O1", "-fPIC", "-shared", "-fno-rtti", "-fno-exceptions",
               "-isystem", llvm / "include", source, "-o", unfinished)
        unfinished.rename(library)
    return library


def own_headers() -> dict[str, list[Path]]:
    """For each object file: the files of this repository that went into it, its source included."""
    headers: dict[str, list[Path]] = {}
    current: list[Path] = []
    resolved: dict[str, Path | None] = {}
    for line in output("ninja", "-C", build, "-t", "deps").decode().splitlines():
        if line.startswith("    "):
            name = line.strip()
            if name not in resolved:
                path = (build / name).resolve()
                resolved[name] = path if path.is_relative_to(root) else None
            if path := resolved[name]:
                current.append(path)
        elif ": #deps" in line:
            current = headers.setdefault(line.split(": #deps")[0], [])
    return headers


class Tidy:
    def __init__(self) -> None:
        self.plugin = plugin()
        rules = [root / name for name in output("git", "-C", root, "ls-files", "*.clang-tidy").decode().split()]
        # Headers of other packages are part of the outcome; their versions stand for them.
        packages = output("dpkg-query", "-W", "-f=${Package} ${Version}\n", "*-dev", "clang*-19")
        self.common = sha256(*(path.read_bytes() for path in [*rules, Path(__file__)]), self.plugin.name.encode(), packages)
        self.headers = own_headers()
        self.digests: dict[Path, bytes] = {}

    def digest(self, path: Path) -> bytes:
        if path not in self.digests:
            self.digests[path] = hashlib.sha256(path.read_bytes()).digest()
        return self.digests[path]

    def key(self, entry: dict[str, str]) -> str:
        command = entry["command"]
        object_file = shlex.split(command)[shlex.split(command).index("-o") + 1]
        if object_file not in self.headers:
            sys.exit(f"{object_file} is not built: run scripts/build.sh dev first")
        texts = sorted(set(self.headers[object_file]))
        names = "\n".join(str(path.relative_to(root)) for path in texts)
        return sha256(self.common.encode(), command.replace(str(root), "").encode(), names.encode(),
                      *(self.digest(path) for path in texts))

    def run(self, entry: dict[str, str]) -> str | None:
        """What is wrong with the file, or nothing."""
        try:
            done = subprocess.run([llvm / "bin/clang-tidy", f"--load={self.plugin}", "--checks=retell-own-code", "--quiet",
                                   "-p", build, entry["file"]],
                                  capture_output=True, text=True, timeout=seconds_per_file)
        except subprocess.TimeoutExpired:
            return f"{entry['file']}: clang-tidy took longer than {seconds_per_file} s\n"
        if done.returncode == 0:
            return None
        return done.stdout or done.stderr


def main() -> int:
    patterns = sys.argv[1:]
    if patterns and patterns[0] in ("-h", "--help"):
        print(__doc__)
        return 0
    cache.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    tidy = Tidy()
    entries = [entry for entry in json.loads((build / "compile_commands.json").read_text())
               if not entry["file"].startswith(str(build)) and entry["file"].endswith(".cpp")
               and (not patterns or any(pattern in entry["file"] for pattern in patterns))]
    waiting = []
    for entry in entries:
        mark = cache / tidy.key(entry)
        if mark.exists():
            mark.touch()
        else:
            waiting.append((entry, mark))
    told: set[str] = set()

    def check(item: tuple[dict[str, str], Path]) -> bool:
        entry, mark = item
        text = tidy.run(entry)
        if text is None:
            mark.touch()
            return True
        for fault in re.split(r"^(?=\S+:\d+:\d+: error:)", text.replace(f"{root}/", ""), flags=re.MULTILINE):
            if fault not in told:  # everyone who includes a header finds its faults
                told.add(fault)
                print(fault, end="", flush=True)
        return False

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        good = sum(pool.map(check, waiting))
    for mark in cache.iterdir():
        if mark.stat().st_mtime < time.time() - days_kept * 86_400:
            mark.unlink(missing_ok=True)
    print(f"clang-tidy: {len(entries)} files, {len(waiting)} looked at, {len(waiting) - good} at fault, "
          f"{time.monotonic() - started:.0f} s")
    return 0 if good == len(waiting) else 1


if __name__ == "__main__":
    sys.exit(main())
