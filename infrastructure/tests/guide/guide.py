"""Reads the deployment guide and does what it says: every block of commands, in order, each as it stands.

    guide.py [--write] [--show]     --write: put the table into docs/deployment-coverage.md instead of comparing it
                                    --show: print what the commands answer

Substituted are ACCOUNT_ID, TASK_ARN and TARGET_GROUP_ARN, as a reader does. The last line is "N passed, N failed".
"""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

GUIDE = Path(__file__).resolve().parent
REPOSITORY = GUIDE.parents[2]
sys.path.insert(0, str(GUIDE.parent / "deploy"))

from cloud import Cloud  # noqa: E402
from document import Block, blocks  # noqa: E402
from machine import ACCOUNT  # noqa: E402
from outcome import checks, failure  # noqa: E402
from shown import missing  # noqa: E402
from terminal import Answer, Terminal  # noqa: E402

PAGE = REPOSITORY / "docs/DEPLOYMENT.pt-BR.md"
ENGLISH = REPOSITORY / "docs/DEPLOYMENT.md"
ORIGINAL = GUIDE / "original.pt-BR.md"
TABLE = REPOSITORY / "docs/deployment-coverage.md"
TASK = re.compile(r'"(arn:aws:ecs:[^"]+:task/[^"]+)"')
ANSWERS = [
    Answer(re.compile(r"Access Key ID \[[^\]]*\]: $"), "AKIAIOSFODNN7EXAMPLE"),
    Answer(re.compile(r"Secret Access Key \[[^\]]*\]: $"), "an-emulation-takes-any"),
    Answer(re.compile(r"Default region name \[[^\]]*\]: $"), "us-east-1"),
    Answer(re.compile(r"Default output format \[[^\]]*\]: $"), "json"),
    Answer(re.compile(r"Enter a value:[^\n]*$"), "yes"),
    Answer(re.compile(r"Type production to go on: $"), "production"),
]
# A command that goes on until it is interrupted is given so many seconds.
FOLLOWED = 4.0
INTERRUPTED = 130
# Seconds for a command, and for one that builds images: the first compiles everything where nothing of it is cached.
LONG, LONGEST = 600, 3000
BUILDS = re.compile(r"docker build|deploy\.sh")
LONGEST_TITLE = 88


@dataclass(frozen=True)
class Result:
    block: Block
    said: str
    good: bool


class Reader:
    def __init__(self, cloud: Cloud, show: bool) -> None:
        self._cloud = cloud
        self._show = show
        self._terminal = Terminal(cloud.checkout, cloud.environment, ANSWERS)
        self._chapter = ""
        self._task = ""
        self._group = ""

    def close(self) -> None:
        self._terminal.close()

    def _substituted(self, command: str) -> str:
        known = {"ACCOUNT_ID": ACCOUNT, "TASK_ARN": self._task, "TARGET_GROUP_ARN": self._group}
        for word, value in known.items():
            if re.search(rf"\b{word}\b", command) and not value:
                raise ValueError(f"nothing is known yet for {word}")
            command = re.sub(rf"\b{word}\b", value, command)
        return command

    def _between_chapters(self, chapter: str) -> None:
        if chapter == self._chapter:
            return
        self._chapter = chapter
        self._terminal.run(f"cd {self._cloud.checkout}")
        if "Deploy de" in chapter:
            self._cloud.come_to_life()
            self._group = self._cloud.target_group()

    def _command(self, command: str, interrupt: bool) -> None:
        patience = LONGEST if BUILDS.search(command) else LONG
        status, said = self._terminal.run(self._substituted(command), patience, FOLLOWED if interrupt else None)
        if self._show:
            print(f"$ {command}\n{said}", flush=True)
        if tasks := TASK.findall(said):
            self._task = tasks[-1]
        allowed = (0, INTERRUPTED) if interrupt else (0,)
        if status not in allowed:
            raise AssertionError(f"{command}\nended with {status}:\n{said[-4000:]}")
        if missed := missing(command, said):
            raise AssertionError(f"{command}\nshows no {missed!r}:\n{said[-4000:]}")
        if interrupt and len(said.splitlines()) < 2:
            raise AssertionError(f"{command}\nshowed nothing")

    def do(self, block: Block) -> Result:
        self._between_chapters(block.chapter)
        if block.note == "not run":
            return Result(block, f"not run: {block.reason}", True)
        try:
            commands = block.commands()
            for command in commands:
                self._command(command, block.note == "interrupted")
        except (AssertionError, TimeoutError, ValueError) as problem:
            return Result(block, str(problem), False)
        count = f"{len(commands)} commands" if len(commands) > 1 else "1 command"
        return Result(block, f"{count}, status 0" + (", then Ctrl-C" if block.note == "interrupted" else ""), True)


def title(block: Block) -> str:
    lines = [line.strip() for line in block.text.splitlines() if line.strip() and not line.strip().startswith("#")]
    first = lines[0].rstrip("\\").strip()
    return first if len(first) <= LONGEST_TITLE else first[: LONGEST_TITLE - 1] + "…"


def table(results: list[Result], original: set[str], outcome: list[str]) -> str:
    rows = [
        "# What of the deployment guide was run",
        "",
        "Written by `infrastructure/tests/guide/run.sh --write`, which reads [DEPLOYMENT.pt-BR.md](DEPLOYMENT.pt-BR.md) and types",
        "each of its commands into a terminal: Terraform with a stand-in provider that applies to an emulated AWS (moto), the AWS",
        "CLI 2, `deploy.sh` and `rollback.sh` as they are. A Docker engine builds both images, of both environments, and pushes",
        "them to a registry that poses as ECR; an ECS stand-in runs them as containers behind HAProxy, by the task definitions that",
        "Terraform has registered: their users, read-only roots, volumes, memory, settings and secrets. The names of RDS and",
        "ElastiCache lead to a PostgreSQL and a Redis for each environment, over TLS, with the passwords of their secrets; those of",
        "the buckets to moto's S3, with the keys of the task's role.",
        "",
        "Substituted are `ACCOUNT_ID`, `TASK_ARN` and `TARGET_GROUP_ARN`, nothing else, and no setting of a task is another than",
        "Terraform's. What is not as on AWS: health checks and deregistration take seconds; the shares of processors and the limits",
        "of open files that definitions name are not the engine's. The English page has the same commands, which is tested.",
        "*Guide*: the block stands in the original guide, word by word.",
        "",
        "| section | begins with | guide | what became of it |",
        "|---|---|---|---|",
    ]
    for result in results:
        words = title(result.block).replace("|", "\\|")
        mark = "yes" if result.block.text in original else ""
        rows.append(f"| {result.block.section} | `{words}` | {mark} | {result.said.splitlines()[0]} |")
    rows += ["", "When all of it was done, it was seen from outside of the control plane that", ""]
    rows += [f"- {name}" for name in outcome]
    return "\n".join(rows) + "\n"


def commands_of(page: Path) -> list[list[str]]:
    return [block.commands() for block in blocks(page)]


def check_texts() -> list[str]:
    """Nothing of the original got lost, and both languages say to type the same."""
    problems = []
    page = {block.text for block in blocks(PAGE)}
    for block in blocks(ORIGINAL):
        if block.text not in page:
            problems.append(f"{PAGE.name} lacks a block of the original, line {block.line}:\n{block.text}")
    portuguese, english = commands_of(PAGE), commands_of(ENGLISH)
    for one, other in zip(portuguese, english):
        if one != other:
            problems.append(f"{ENGLISH.name} has other commands:\n{one}\n{other}")
            break
    if len(portuguese) != len(english):
        problems.append(f"{PAGE.name} has {len(portuguese)} blocks, {ENGLISH.name} {len(english)}")
    return problems


def report(good: bool, began: float, said: str) -> None:
    print(f"{'ok  ' if good else 'FAIL'} {time.monotonic() - began:6.1f} s  {said}", flush=True)


def main() -> int:
    write, show = "--write" in sys.argv, "--show" in sys.argv
    problems = check_texts()
    passed, failed = (0, 1) if problems else (1, 0)
    print(*problems, sep="\n")
    # Given up from outside, what was started here is ended all the same.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    cloud = Cloud(dict(os.environ))
    reader = Reader(cloud, show)
    results: list[Result] = []
    outcome: list[str] = []
    try:
        for block in blocks(PAGE):
            began = time.monotonic()
            result = reader.do(block)
            results.append(result)
            passed, failed = (passed + 1, failed) if result.good else (passed, failed + 1)
            said = result.said if not result.good else result.said.splitlines()[0]
            report(result.good, began, f"line {block.line}: {title(block)}: {said}")
        for name, check in checks(cloud):
            began = time.monotonic()
            outcome.append(name)
            problem = failure(check)
            passed, failed = (passed + 1, failed) if not problem else (passed, failed + 1)
            report(not problem, began, f"{name}: {problem}" if problem else name)
    finally:
        reader.close()
        cloud.close()
    text = table(results, {block.text for block in blocks(ORIGINAL)}, outcome)
    if write and failed == 0:
        TABLE.write_text(text)
    elif failed == 0 and TABLE.read_text() != text:
        failed += 1
        print(f"{TABLE.name} is not what was run: infrastructure/tests/guide/run.sh --write brings it up to date")
    elif failed == 0:
        passed += 1
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
