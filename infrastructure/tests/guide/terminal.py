"""A terminal with a shell in it, in which commands are typed as a reader of the guide types them."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import time
from dataclasses import dataclass
from pathlib import Path

# Nothing prints this by chance.
PROMPT = re.compile(r"\x02(\d+)\x03$")


@dataclass(frozen=True)
class Answer:
    """What is typed where a program asks."""

    question: re.Pattern[str]
    reply: str


class Terminal:
    def __init__(self, folder: Path, environment: dict[str, str], answers: list[Answer]) -> None:
        self._answers = answers
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            os.chdir(folder)
            # Who was started in the background has it ignored, and Ctrl-C would reach nobody.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            # Python ignores it; a terminal's programs end by it.
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            shell = ["bash", "--norc", "--noprofile", "--noediting", "-i"]
            os.execvpe(shell[0], shell, environment | {"PS1": "\x02$?\x03", "PS2": "", "TERM": "dumb"})
        self._until_prompt(30)
        self.run("stty -echo; set +H")

    def _type(self, text: str) -> None:
        os.write(self._fd, text.encode() + b"\n")

    def _until_prompt(self, patience: float, interrupt_after: float | None = None) -> tuple[int, str]:
        said, answered = "", 0
        started = time.monotonic()
        while True:
            waited = time.monotonic() - started
            if waited > patience:
                raise TimeoutError(f"not done after {patience:.0f} s:\n{said[-3000:]}")
            if interrupt_after is not None and waited > interrupt_after:
                os.write(self._fd, b"\x03")
                interrupt_after = None
            if not select.select([self._fd], [], [], 0.2)[0]:
                continue
            said += os.read(self._fd, 65536).decode(errors="replace").replace("\r\n", "\n")
            if prompt := PROMPT.search(said):
                return int(prompt[1]), said[: prompt.start()]
            for answer in self._answers:
                if answer.question.search(said, answered):
                    answered = len(said)
                    self._type(answer.reply)

    def run(self, command: str, patience: float = 600, interrupt_after: float | None = None) -> tuple[int, str]:
        """The exit status and what was said."""
        self._type(command)
        return self._until_prompt(patience, interrupt_after)

    def close(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._fd)
