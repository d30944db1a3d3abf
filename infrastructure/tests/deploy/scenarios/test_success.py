"""A release that is good: nobody notices, and everything says which release it is."""

from __future__ import annotations

import time
import unittest

from load import Visitors
from world import PREFIX, World, until


class Success(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.world = World("127.91")
        cls.addClassCleanup(cls.world.close)

    def test_under_load_no_request_fails_and_no_call_is_cut(self) -> None:
        world = self.world
        release = world.commit()
        with Visitors(world.port, str(world.folder / "authority.pem")) as visitors:
            # They go on for longer than the deploy and the deregistration delay: only the tasks' protection saves them.
            hung_up = world.folder / "hung-up"
            for _ in range(4):
                visitors.call(hung_up)
            time.sleep(1)
            with_calls = {task["taskArn"] for task in world.tasks("api")}
            outcome = world.deploy()
            self.assertEqual(outcome.status, 0, outcome.text)
            self.assertIn("old tasks with live calls stay", outcome.text)
            self.assertLess(with_calls, {task["taskArn"] for task in world.tasks("api")})
            self.assertEqual(visitors.ended_calls, 0, "the calls were over too early to prove anything")
            hung_up.touch()
            until("the old tasks are gone", lambda: not with_calls & {task["taskArn"] for task in world.tasks("api")})
        self.assertEqual(visitors.problems, [])
        self.assertEqual(visitors.ended_calls, 4)
        self.assertGreater(visitors.answered, 200)
        print(f"\n{visitors.answered} requests and 4 calls over a deploy of {outcome.seconds:.0f} s, none failed")
        for app in ("api", "web"):
            image = world.described(app)["taskDefinition"]["containerDefinitions"][0]["image"]
            self.assertRegex(image, rf"/{PREFIX}/{app}@sha256:[0-9a-f]{{64}}$")
            self.assertEqual((world.tags(app)["retell:release"], world.tags(app)["retell:outcome"]), (release, "live"))
            self.assertEqual(world.service(app)["desiredCount"], 2)
        record = world.records()[-1]
        self.assertEqual(
            (record["who"], record["action"], record["outcome"], record["commit"]),
            ("tester", "deploy", "live", release),
        )
        self.assertEqual((record["api"], record["web"]), (world.running("api"), world.running("web")))
        self.assertIsNone(world.lock())
        self.assertIn("applied 0001_init.sql, with a password", outcome.text)
        self.assertNotIn("a secret that is long enough", outcome.text)

    def test_a_dry_run_changes_nothing(self) -> None:
        world = self.world
        world.commit()
        before = (world.running("api"), world.running("web"))
        outcome = world.deploy("--dry-run")
        self.assertEqual(outcome.status, 0, outcome.text)
        self.assertIn("dry run: nothing was changed", outcome.text)
        self.assertEqual((world.running("api"), world.running("web")), before)
        newest = world.ecs.list_task_definitions(familyPrefix=f"{PREFIX}-api", sort="DESC")["taskDefinitionArns"][0]
        self.assertTrue(newest.endswith(before[0]))

    def test_images_that_are_in_ecr_are_not_built_again(self) -> None:
        world = self.world
        world.commit()
        refused = world.deploy("--skip-build")
        self.assertEqual(refused.status, 3, refused.text)
        self.assertIn("--skip-build makes none", refused.text)
        self.assertEqual(world.deploy("--no-smoke").status, 0)
        again = world.deploy("--skip-build", "--no-smoke", api={"MODE": "unbuildable"})
        self.assertEqual(again.status, 0, again.text)


if __name__ == "__main__":
    unittest.main()
