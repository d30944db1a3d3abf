"""The product's own images, from the Dockerfiles to visitors and callers: a release that is good, and back again."""

from __future__ import annotations

import json
import time
import unittest

from images_world import ImagesWorld
from load import Visitors
from world import PREFIX, until

# For a caller who is still there after the deploy, on a busy machine too: ten minutes.
TURNS = 100


class Images(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.world = ImagesWorld()
        cls.addClassCleanup(cls.world.close)
        cls.first = cls.world.commit()
        outcome = cls.world.deploy()
        assert outcome.status == 0, outcome.text
        written = cls.world.run_once("keys", "create", "--quiet")
        cls.key = next(line for line in written.splitlines() if line.startswith("key_"))

    def visitors(self) -> Visitors:
        authority = str(self.world.folder / "authority.pem")
        return Visitors(self.world.port, authority, ("/health", "/list-agents"), self.key)

    def serves(self, release: str) -> None:
        world = self.world
        for app in ("api", "web"):
            image = world.described(app)["taskDefinition"]["containerDefinitions"][0]["image"]
            self.assertRegex(image, rf"/{PREFIX}/{app}@sha256:[0-9a-f]{{64}}$")
            self.assertEqual((world.tags(app)["retell:release"], world.tags(app)["retell:outcome"]), (release, "live"))
            running = [task for task in world.tasks(app) if task["taskDefinitionArn"].endswith(world.running(app))]
            self.assertEqual(len(running), 2)
            # Not what the control plane believes, but what the engine runs.
            self.assertEqual({world.release_of(task) for task in running}, {release})

    def test_1_under_load_no_request_fails_and_no_call_is_cut(self) -> None:
        world = self.world
        release = world.commit()
        call = world.call(self.key, TURNS)
        talking = until("the call", world.talking)
        with self.visitors() as visitors:
            outcome = world.deploy()
            self.assertEqual(outcome.status, 0, outcome.text)
            self.assertIsNone(call.poll(), "the call was over too early to prove anything")
            self.assertLessEqual(talking, {task["taskArn"] for task in world.tasks("api")})
            time.sleep(10)  # long enough for a question that only the old task can have heard
            # A new task is asked, as there are no others: the order reaches the old one.
            world.ask(self.key, "POST", f"/v2/stop-call/{world.ongoing(self.key)}")
        self.assertEqual(visitors.problems, [])
        self.assertGreater(visitors.answered, 200)
        said, complaints = call.communicate(timeout=60)
        held = json.loads(said)["call"]
        self.assertEqual((held["call_status"], held["disconnection_reason"]), ("ended", "manual_stopped"), complaints)
        call_seconds = held["duration_ms"] / 1000
        self.assertGreater(call_seconds, outcome.seconds)
        heard = [line["content"] for line in held["transcript_object"] if line["role"] == "user"]
        self.assertGreater(len(heard), call_seconds / 20, "it was silent for a while")
        print(
            f"\n{visitors.answered} requests and a call of {call_seconds:.0f} s"
            f" over a deploy of {outcome.seconds:.0f} s, none failed"
        )
        self.assertIn("ok: the Web is of this release", outcome.text)
        self.serves(release)
        until(
            "the end of the task that had the call",
            lambda: not talking & {task["taskArn"] for task in world.tasks("api")},
            120,
        )

    def test_2_and_back(self) -> None:
        with self.visitors() as visitors:
            outcome = self.world.script("rollback.sh", "production", "--yes")
        self.assertEqual(outcome.status, 0, outcome.text)
        self.assertEqual(visitors.problems, [])
        self.serves(self.first)


if __name__ == "__main__":
    unittest.main()
