"""A Markdown page's blocks of shell commands, and the commands in them."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

NOTE = re.compile(r"<!-- (not run|interrupted): (.*) -->")
FENCE = re.compile(r"^(\s*)```(\w*)\s*$")
COMMENT = re.compile(r"^\s*#")


@dataclass(frozen=True)
class Block:
    chapter: str
    section: str
    line: int
    text: str
    note: str = ""
    reason: str = ""

    def commands(self) -> list[str]:
        """One at a time, as they would be pasted; comments are left out."""
        found: list[str] = []
        waiting: list[str] = []
        for line in self.text.splitlines():
            if not waiting and (not line.strip() or COMMENT.match(line)):
                continue
            waiting.append(line)
            if complete("\n".join(waiting)):
                found.append("\n".join(waiting))
                waiting = []
        if waiting:
            raise ValueError(f"line {self.line}: the block ends in the middle of a command: {waiting[0]}")
        return found


def complete(text: str) -> bool:
    if text.endswith(("\\", "|")):
        return False
    return subprocess.run(["bash", "-n"], input=text + "\n", text=True, capture_output=True).returncode == 0


def blocks(path: Path) -> list[Block]:
    """Those of bash; what stands right before one as a comment of HTML belongs to it."""
    found: list[Block] = []
    chapter = section = ""
    note, reason = "", ""
    lines = path.read_text().splitlines()
    start: int | None = None
    language = ""
    for number, line in enumerate(lines, 1):
        fence = FENCE.match(line)
        if start is not None:
            if fence:
                if language == "bash":
                    text = "\n".join(lines[start : number - 1])
                    found.append(Block(chapter, section, start + 1, text, note, reason))
                start, note, reason = None, "", ""
            continue
        if fence:
            start, language = number, fence[2]
        elif line.startswith("## "):
            chapter = section = line[3:].strip()
        elif line.startswith("###"):
            section = line.lstrip("#").strip()
        elif match := NOTE.fullmatch(line.strip()):
            note, reason = match[1], match[2]
        elif line.strip():
            note, reason = "", ""
    return found
