"""Releases that are bad: each ends with its own status, and what ran before serves again, all the time."""

from __future__ import annotations

import signal
import time
import unittest

from load import Visitors
from world import PREFIX, World, until

REFUSED, LOCKED, BUILD, MIGRATION, ROLLED_BACK, STRANDED = 3, 4, 5, 6, 7, 8


class Failures(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.world = World("127.93")
        cls.addClassCleanup(cls.world.close)
        # What is gone back to: a release, not what Terraform began with.
        cls.world.commit()
        outcome = cls.world.deploy("--no-smoke")
        assert outcome.status == 0, outcome.text

    def setUp(self) -> None:
        self.before = (self.world.running("api"), self.world.running("web"))
        self.release = self.world.commit()

    def serves_as_before(self) -> None:
        self.assertEqual((self.world.running("api"), self.world.running("web")), self.before)
        for app in ("api", "web"):
            self.assertEqual(self.world.primary(app)["rolloutState"], "COMPLETED")
            self.assertEqual(self.world.service(app)["runningCount"], 2)
        self.assertIsNone(self.world.lock())

    def fails(self, status: int, *said: str, **images: dict[str, str]) -> None:
        with Visitors(self.world.port, str(self.world.folder / "authority.pem"), threads=2) as visitors:
            outcome = self.world.deploy(**images)
        self.assertEqual(outcome.status, status, outcome.text)
        for words in said:
            self.assertIn(words, outcome.text)
        self.assertEqual(visitors.problems, [])
        self.assertGreater(visitors.answered, 10)
        self.serves_as_before()

    def test_a_crashing_api(self) -> None:
        # The new image's migration must work, or the deploy ends there: only `serve` crashes.
        self.fails(ROLLED_BACK, "api ended with 1", "the previous release serves", api={"MODE": "crash-serve"})
        self.assertEqual(self.world.records()[-1]["outcome"], "rolled-back")
        newest = self.world.ecs.list_task_definitions(familyPrefix=f"{PREFIX}-api", sort="DESC")["taskDefinitionArns"][
            0
        ]
        tags = self.world.ecs.describe_task_definition(taskDefinition=newest, include=["TAGS"])["tags"]
        self.assertIn({"key": "retell:outcome", "value": "failed"}, tags)

    def test_a_web_image_that_cannot_be_pulled_takes_the_api_back_as_well(self) -> None:
        self.fails(
            ROLLED_BACK,
            "CannotPullContainerError",
            f"{PREFIX}-api runs {self.before[0]} again",
            web={"MODE": "unpullable"},
        )

    def test_an_api_whose_health_check_fails(self) -> None:
        self.fails(ROLLED_BACK, "failed ELB health checks", "the previous release serves", api={"MODE": "unhealthy"})

    def test_an_api_that_is_never_ready(self) -> None:
        """It answers /health, which is all that the load balancer asks; the test through it asks /ready."""
        self.fails(ROLLED_BACK, "FAILED: the API takes calls and has its database", api={"MODE": "sick"})

    def test_a_bad_release_after_one_whose_old_tasks_still_have_calls(self) -> None:
        """ECS by itself would go back to the release before the last: the last has not replaced every task yet."""
        world = self.world
        hung_up = world.folder / "hung-up"
        with Visitors(world.port, str(world.folder / "authority.pem"), threads=1) as visitors:
            for _ in range(2):
                visitors.call(hung_up)
            time.sleep(1)
            good = world.deploy("--no-smoke")
            self.assertEqual(good.status, 0, good.text)
            self.assertIn("old tasks with live calls stay", good.text)
            last = world.running("api")
            world.commit()
            bad = world.deploy("--no-smoke", api={"MODE": "crash-serve"})
            self.assertEqual(bad.status, ROLLED_BACK, bad.text)
            self.assertEqual(world.running("api"), last)
            hung_up.touch()
        self.assertEqual((visitors.problems, visitors.ended_calls), ([], 2))
        until("all old tasks are gone", lambda: world.primary("api")["rolloutState"] == "COMPLETED")

    def test_a_web_that_serves_the_wrong_release(self) -> None:
        """Healthy for the load balancer; only the test through it finds out."""
        self.fails(ROLLED_BACK, "FAILED: the Web is of this release", web={"RELEASE": "another"})

    def test_a_failing_migration_leaves_the_services_alone(self) -> None:
        arns = {task["taskArn"] for task in self.world.tasks("api")}
        self.fails(MIGRATION, "it ended with 7", "| applied 0001_init.sql", api={"MIGRATION_EXIT": "7"})
        self.assertEqual({task["taskArn"] for task in self.world.tasks("api")}, arns)
        self.assertEqual(self.world.records()[-1]["outcome"], "migration-failed")

    def test_an_image_that_does_not_build(self) -> None:
        self.fails(BUILD, "web could not be built", web={"MODE": "unbuildable"})

    def test_an_interrupted_deploy_goes_back(self) -> None:
        script = self.world.begin("deploy.sh", "production", "--yes")
        until("the new deployment", lambda: self.world.running("api") != self.before[0])
        script.process.send_signal(signal.SIGTERM)
        outcome = script.outcome()
        self.assertEqual(outcome.status, ROLLED_BACK, outcome.text)
        self.assertIn("interrupted", outcome.text)
        self.serves_as_before()

    def test_somebody_elses_deployment_is_left_alone(self) -> None:
        script = self.world.begin("deploy.sh", "production", "--yes", "--no-smoke", IMAGE_API='{"MODE": "unhealthy"}')
        until("the new deployment", lambda: self.world.running("api") != self.before[0])
        # The guide's manual command, by someone who does not know of the deploy.
        first = f"{PREFIX}-api:1"
        self.world.ecs.update_service(cluster=f"{PREFIX}-cluster", service=f"{PREFIX}-api", taskDefinition=first)
        outcome = script.outcome()
        self.assertEqual(outcome.status, STRANDED, outcome.text)
        self.assertIn("which this deploy did not start", outcome.text)
        self.assertEqual(self.world.running("api"), first)
        # As it was, for the next test.
        self.world.ecs.update_service(
            cluster=f"{PREFIX}-cluster", service=f"{PREFIX}-api", taskDefinition=self.before[0]
        )
        until("back", lambda: self.world.primary("api")["rolloutState"] == "COMPLETED")

    def test_checks_refuse_and_change_nothing(self) -> None:
        checkout = self.world.checkout
        (checkout / "forgotten").touch()
        outcome = self.world.deploy()
        self.assertEqual(outcome.status, REFUSED, outcome.text)
        self.assertIn("uncommitted changes", outcome.text)
        (checkout / "forgotten").unlink()

        self.world.git("switch", "--quiet", "--create", "aside")
        self.world.commit()
        outcome = self.world.deploy()
        self.world.git("switch", "--quiet", "main")
        self.assertEqual(outcome.status, REFUSED, outcome.text)
        self.assertIn("not on the main branch", outcome.text)

        outcome = self.world.deploy(RETELL_DEPLOY_ACCOUNT_ID="999999999999")
        self.assertEqual(outcome.status, REFUSED, outcome.text)
        self.assertIn("lives in 999999999999", outcome.text)

        outcome = self.world.script("deploy.sh", "production")
        self.assertEqual(outcome.status, REFUSED, outcome.text)
        self.assertIn("nobody is there to confirm", outcome.text)
        self.serves_as_before()

    def test_two_deploys_at_once(self) -> None:
        first = self.world.begin(
            "deploy.sh", "production", "--yes", "--no-smoke", IMAGE_API='{"MIGRATION_SECONDS": "8"}'
        )
        until("the lock", self.world.lock)
        second = self.world.deploy()
        self.assertEqual(second.status, LOCKED, second.text)
        self.assertIn(f"locked by tester: deploy of {self.release}, since", second.text)
        outcome = first.outcome()
        self.assertEqual(outcome.status, 0, outcome.text)
        self.assertIsNone(self.world.lock())

    def test_a_lock_that_was_taken_over_stops_the_first_deploy(self) -> None:
        first = self.world.begin("deploy.sh", "production", "--yes", IMAGE_API='{"MIGRATION_SECONDS": "6"}')
        until("the lock", self.world.lock)
        time.sleep(1)
        self.world.put_lock("another", int(time.time()) + 600)
        outcome = first.outcome()
        self.assertIn(outcome.status, (LOCKED, ROLLED_BACK), outcome.text)
        lock = self.world.lock()
        assert lock is not None
        self.assertEqual(lock["owner"], "another")
        # Who knows that the other is dead goes on; so does anyone once the lock has expired.
        self.assertEqual(self.world.deploy("--no-smoke").status, LOCKED)
        outcome = self.world.deploy("--no-smoke", "--break-lock")
        self.assertEqual(outcome.status, 0, outcome.text)
        self.assertIn("taking over the lock of another", outcome.text)
        self.world.put_lock("dead", int(time.time()) - 1)
        outcome = self.world.deploy("--no-smoke")
        self.assertEqual(outcome.status, 0, outcome.text)
        self.assertIsNone(self.world.lock())


if __name__ == "__main__":
    unittest.main()
