"""The product's own images, from the Dockerfiles to visitors and callers: what goes well, and what nobody may notice."""

from __future__ import annotations

import json
import time
import unittest
from urllib.error import HTTPError

from images_case import APPS, ImagesCase
from images_world import DATABASE_PASSWORD
from machine import Json
from test_images_bad import ENTRYPOINT, ROLLED_BACK, serving_with
from world import JWT_SECRET, until

# For a caller who is still there after the deploys, on a busy machine too: ten minutes.
TURNS = 100
# Long enough for a question that only the old task can have heard.
A_QUESTION = 10


class Images(ImagesCase):
    def test_a_call_outlives_a_good_release_and_a_bad_one_after_it_and_no_request_fails(self) -> None:
        """ECS by itself would go back to the release before the last: the last has not replaced every task yet."""
        world = self.world
        release = world.commit()
        began = time.monotonic()
        call = world.call(TURNS)
        talking = until("the call", world.talking)
        with self.visitors() as visitors:
            good = self.deploy_of().outcome()
            self.assertEqual(good.status, 0, good.text)
            self.assertIn("ok: the Web is of this release", good.text)
            self.assertIn("old tasks with live calls stay", good.text)
            self.serves(release)
            self.told(good.text, release)
            last = world.running("api")
            self.change(ENTRYPOINT, serving_with("RETELL_STOP_SECONDS=1"))
            bad = self.deploy_of().outcome()
            self.assertEqual(bad.status, ROLLED_BACK, bad.text)
            self.assertEqual(world.running("api"), last)
            self.serves(release)
            self.assertIsNone(call.poll(), "the call was over too early to prove anything")
            self.assertLessEqual(talking, {task["taskArn"] for task in world.tasks("api")})
            time.sleep(A_QUESTION)
            deployed = time.monotonic() - began
            # A new task is asked, as there are no others: the order reaches the old one.
            world.ask("POST", f"/v2/stop-call/{world.ongoing()}")
        self.served(visitors, 200)
        said, complaints = call.communicate(timeout=60)
        held = json.loads(said)["call"]
        self.assertEqual((held["call_status"], held["disconnection_reason"]), ("ended", "manual_stopped"), complaints)
        call_seconds = held["duration_ms"] / 1000
        self.assertGreater(call_seconds, good.seconds + bad.seconds)
        heard = [line["content"] for line in held["transcript_object"] if line["role"] == "user"]
        self.assertGreater(len(heard), call_seconds / 20, "it was silent for a while")
        print(
            f"\n{visitors.answered} requests and a call of {call_seconds:.0f} s over a deploy of {good.seconds:.0f} s"
            f" and one of {bad.seconds:.0f} s that failed, within {deployed:.0f} s: none failed"
        )
        until(
            "the end of the task that had the call",
            lambda: not talking & {task["taskArn"] for task in world.tasks("api")},
            120,
        )
        self.settled()

    def told(self, text: str, release: str) -> None:
        """Who did what, and no secret."""
        record = self.world.records()[-1]
        self.assertEqual(
            (record["who"], record["action"], record["outcome"], record["commit"]), ("tester", "deploy", "live", release)
        )
        self.assertEqual((record["api"], record["web"]), tuple(self.world.running(app) for app in APPS))
        for secret in (DATABASE_PASSWORD, self.world.key, JWT_SECRET):
            self.assertNotIn(secret, text)

    def test_spot_takes_a_web_task_and_no_visitor_notices(self) -> None:
        world = self.world
        for task in world.tasks("api"):
            with self.assertRaises(HTTPError):
                world.interrupt(task)
        (taken,) = (task for task in world.tasks("web") if task["capacityProviderName"] == "FARGATE_SPOT")

        def now() -> Json:
            return world.described_tasks([taken["taskArn"]])[0]

        with self.visitors() as visitors:
            time.sleep(1)
            world.interrupt(taken)
            until("the task's end", lambda: now()["lastStatus"] == "STOPPED")
            until("another in its place", lambda: world.healthy("web") == 2)
            time.sleep(1)
        self.assertEqual((now()["stopCode"], now()["containers"][0]["exitCode"]), ("SpotInterruption", 0))
        self.served(visitors)
        self.serves(self.release_before)


if __name__ == "__main__":
    unittest.main()
