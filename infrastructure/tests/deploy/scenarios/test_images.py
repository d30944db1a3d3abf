"""The product's own images, from the Dockerfiles to visitors and callers: a release that is good, and back again."""

from __future__ import annotations

import json
import unittest

from images_world import ImagesWorld
from load import Visitors
from world import PREFIX, until

# For a caller who is still there when the new API serves alone, on a busy machine too: three minutes.
TURNS = 30


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
        with self.visitors() as visitors:
            script = world.begin("deploy.sh", "production", "--yes")
            until("the images", lambda: f"== Image {PREFIX}/web" in script.text(), 240)
            call = world.call(self.key, TURNS)
            talking = until("the call", world.talking)
            self.assertNotIn(f"== {PREFIX}-api:", script.text(), "the call came too late: it may be at a new task")
            until("the API's switch", lambda: f"== {PREFIX}-web:" in script.text() or script.process.poll(), 240)
            self.assertIsNone(call.poll(), "the call was over too early to prove anything")
            self.assertLessEqual(talking, {task["taskArn"] for task in world.tasks("api")})
            outcome = script.outcome()
            self.assertEqual(outcome.status, 0, outcome.text)
        self.assertEqual(visitors.problems, [])
        self.assertGreater(visitors.answered, 200)
        said, complaints = call.communicate(timeout=400)
        held = json.loads(said)["call"]
        self.assertEqual((held["call_status"], held["disconnection_reason"]), ("ended", "user_hangup"), complaints)
        heard = [line["content"] for line in held["transcript_object"] if line["role"] == "user"]
        self.assertGreaterEqual(len(heard), TURNS / 2)
        call_seconds = held["duration_ms"] / 1000
        print(
            f"\n{visitors.answered} requests and a call of {call_seconds:.0f} s"
            f" over a deploy of {outcome.seconds:.0f} s, none failed"
        )
        self.assertIn("ok: the Web is of this release", outcome.text)
        self.serves(release)

    def test_2_and_back(self) -> None:
        with self.visitors() as visitors:
            outcome = self.world.script("rollback.sh", "production", "--yes")
        self.assertEqual(outcome.status, 0, outcome.text)
        self.assertEqual(visitors.problems, [])
        self.serves(self.first)


if __name__ == "__main__":
    unittest.main()
