"""What an answer must show where it is not enough that the command ended with 0."""

from __future__ import annotations

import re

COMPLETED = r"\d+\tCOMPLETED"
SHOWN = {
    r"^terraform output alb_dns_name": r"\.elb\.",
    r"^\./scripts/deploy\.sh \w+$": r"serves in (staging|production)",
    # What staging was given just before is not built again.
    r"^\./scripts/deploy\.sh production$": r"(?s)take retell-prod/api:\w+ from retell-staging/api.*take retell-prod/web:\w+ from",
    r"^keys_task .*list": r"apikey_\S+\s+first\b",
    r"^\./scripts/rollback\.sh production( 42)?$": r"production runs release",
    r"^\./scripts/smoke\.sh": r" 0 failed",
    r"\{exit: containers\[0\]\.exitCode": r'"exit": 0',
    r"\[taskDefinition, rolloutState, runningCount\]": rf"(?s)retell-prod-api:{COMPLETED}.*retell-prod-web:{COMPLETED}",
    r"^aws logs tail /ecs/retell-prod/api": r"listening on http",
    r"^aws elbv2 describe-target-health": r"\bhealthy\b",
    # The oldest stopped task of the API: it was started before there was an image.
    r"\[stopCode, stoppedReason, containers": r"TaskFailedToStart\tCannotPullContainerError",
    r"--include TAGS": r'"retell:release"',
    r"^aws dynamodb query": r"(?s)rollback.*deploy",
}


def missing(command: str, said: str) -> str:
    """The pattern that is not there, or nothing."""
    for asked, wanted in SHOWN.items():
        if re.search(asked, command) and not re.search(wanted, said):
            return wanted
    return ""
