"""What is the scripts' own business, whatever the images are: what they refuse, locks, interruptions, other people's
deployments. On a world whose tasks are processes, where a deploy takes seconds."""

from __future__ import annotations

import json
import signal
import subprocess
import time
import unittest

from load import Visitors
from world import ECR, PREFIX, World, until

STAGING = "retell-staging"
REFUSED, LOCKED, BUILD, MIGRATION, ROLLED_BACK, STRANDED = 3, 4, 5, 6, 7, 8


class Scripts(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.world = World("127.93")
        cls.addClassCleanup(cls.world.close)
        # Two releases that serve, with one between them that failed: back is not one revision less.
        for status, api in ((0, {}), (MIGRATION, {"MIGRATION_EXIT": "7"}), (0, {})):
            cls.world.commit()
            outcome = cls.world.deploy("--no-smoke", api=api)
            assert outcome.status == status, outcome.text

    def setUp(self) -> None:
        self.before = (self.world.running("api"), self.world.running("web"))

    def serves_as_before(self) -> None:
        self.assertEqual((self.world.running("api"), self.world.running("web")), self.before)
        for app in ("api", "web"):
            self.assertEqual(self.world.primary(app)["rolloutState"], "COMPLETED")
            self.assertEqual(self.world.service(app)["runningCount"], 2)
        self.assertIsNone(self.world.lock())

    def fails(self, status: int, *said: str, **images: dict[str, str]) -> None:
        self.world.commit()
        with Visitors(self.world.port, str(self.world.folder / "authority.pem"), threads=2) as visitors:
            outcome = self.world.deploy(**images)
        self.assertEqual(outcome.status, status, outcome.text)
        for words in said:
            self.assertIn(words, outcome.text)
        self.assertEqual(visitors.problems, [])
        self.assertGreater(visitors.answered, 10)
        self.serves_as_before()

    # deploy.sh

    def test_a_dry_run_changes_nothing(self) -> None:
        self.world.commit()
        newest = self.newest("api")
        outcome = self.world.deploy("--dry-run")
        self.assertEqual(outcome.status, 0, outcome.text)
        self.assertIn("dry run: nothing was changed", outcome.text)
        self.serves_as_before()
        self.assertEqual(self.newest("api"), newest)

    def newest(self, app: str) -> str:
        known = self.world.ecs.list_task_definitions(familyPrefix=f"{PREFIX}-{app}", sort="DESC")
        return str(known["taskDefinitionArns"][0])

    def test_images_that_are_in_ecr_are_not_built_again(self) -> None:
        world = self.world
        world.commit()
        refused = world.deploy("--skip-build")
        self.assertEqual(refused.status, REFUSED, refused.text)
        self.assertIn("--skip-build makes none", refused.text)
        self.assertEqual(world.deploy("--no-smoke").status, 0)
        again = world.deploy("--skip-build", "--no-smoke", api={"MODE": "unbuildable"})
        self.assertEqual(again.status, 0, again.text)

    def staged(self, release: str, *apps: str) -> dict[str, str]:
        """Built for staging and pushed to its repository, as its deploy does. The digests."""
        digests = {}
        for app in apps:
            name = f"{STAGING}/{app}:{release}"
            built = ("build", "--build-arg", f"RETELL_RELEASE={release}", "-t", name, "-f", f"apps/{app}/Dockerfile", ".")
            environment = self.world.environment | {f"IMAGE_{app.upper()}": json.dumps({"BUILT_FOR": "staging"})}
            for words in (built, ("tag", name, f"{ECR}/{name}"), ("push", f"{ECR}/{name}")):
                subprocess.run(
                    ["docker", *words], cwd=self.world.checkout, env=environment, check=True, capture_output=True
                )
            known = self.world.ecr.describe_images(repositoryName=f"{STAGING}/{app}", imageIds=[{"imageTag": release}])
            digests[app] = str(known["imageDetails"][0]["imageDigest"])
        return digests

    def with_staging(self) -> None:
        for app in ("api", "web"):
            self.world.ecr.create_repository(repositoryName=f"{STAGING}/{app}", imageTagMutability="IMMUTABLE")
            self.addCleanup(self.world.ecr.delete_repository, repositoryName=f"{STAGING}/{app}", force=True)

    def image(self, app: str) -> str:
        return str(self.world.described(app)["taskDefinition"]["containerDefinitions"][0]["image"])

    def test_production_takes_the_images_that_staging_has(self) -> None:
        world = self.world
        self.with_staging()
        tried = self.staged(world.commit(), "api", "web")
        nothing = {"api": {"MODE": "unbuildable"}, "web": {"MODE": "unbuildable"}}

        dry = world.deploy("--dry-run", **nothing)
        self.assertEqual(dry.status, 0, dry.text)
        self.assertIn(f"from {STAGING}/api, {tried['api']}, which is not built again", dry.text)
        self.serves_as_before()

        # Who insists on a build gets one, which here comes to nothing.
        built = world.deploy("--build", "--no-smoke", **nothing)
        self.assertEqual(built.status, BUILD, built.text)
        self.serves_as_before()

        outcome = world.deploy("--skip-build", "--no-smoke", **nothing)
        self.assertEqual(outcome.status, 0, outcome.text)
        for app in ("api", "web"):
            self.assertEqual(self.image(app), f"{ECR}/{PREFIX}/{app}@{tried[app]}")
            self.assertIn(f"{app} from {STAGING}/{app}@{tried[app]}", world.records()[-1]["images"])

    def test_what_staging_lacks_is_built_and_only_that(self) -> None:
        self.with_staging()
        release = self.world.commit()
        tried = self.staged(release, "api")
        refused = self.world.deploy("--skip-build")
        self.assertEqual(refused.status, REFUSED, refused.text)
        self.assertIn(f"no image {PREFIX}/web:{release} and no {STAGING}/web:{release}", refused.text)
        self.assertNotIn(f"no image {PREFIX}/api", refused.text)

        outcome = self.world.deploy("--no-smoke", api={"MODE": "unbuildable"})
        self.assertEqual(outcome.status, 0, outcome.text)
        self.assertTrue(self.image("api").endswith(tried["api"]))
        self.assertEqual(self.world.records()[-1]["images"], f"api from {STAGING}/api@{tried['api']}, web built")

    def test_an_image_that_staging_can_no_longer_give(self) -> None:
        self.with_staging()
        tried = self.staged(self.world.commit(), "api")
        (self.world.folder / "images" / f"{tried['api'].replace(':', '-')}.json").unlink()
        outcome = self.world.deploy()
        self.assertEqual(outcome.status, BUILD, outcome.text)
        self.assertIn(f"api could not be taken from {STAGING}/api (--build builds it here instead)", outcome.text)
        self.serves_as_before()

    def test_a_web_that_serves_the_wrong_release(self) -> None:
        """Healthy for the load balancer; only the test through it finds out."""
        self.fails(ROLLED_BACK, "FAILED: the Web is of this release", web={"RELEASE": "another"})

    def test_an_image_that_does_not_build(self) -> None:
        self.fails(BUILD, "web could not be built", web={"MODE": "unbuildable"})

    def test_an_interrupted_deploy_goes_back(self) -> None:
        self.world.commit()
        script = self.world.begin("deploy.sh", "production", "--yes")
        until("the new deployment", lambda: self.world.running("api") != self.before[0])
        script.process.send_signal(signal.SIGTERM)
        outcome = script.outcome()
        self.assertEqual(outcome.status, ROLLED_BACK, outcome.text)
        self.assertIn("interrupted", outcome.text)
        self.serves_as_before()

    def test_somebody_elses_deployment_is_left_alone(self) -> None:
        self.world.commit()
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
        self.world.commit()
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

    def test_a_migration_that_the_running_release_could_not_live_with_is_refused(self) -> None:
        migration = self.world.checkout / "apps/api/migrations/0901_no_purposes.sql"
        migration.write_text("-- contract: oldest 0900\nALTER TABLE calls DROP COLUMN purpose;\n")
        self.world.commit()
        self.addCleanup(self.world.git, "revert", "--no-edit", "HEAD")
        outcome = self.world.deploy("--dry-run")
        self.assertEqual(outcome.status, REFUSED, outcome.text)
        self.assertIn("deploy one of at least schema 900 first", outcome.text)

    def test_a_lock_that_was_taken_over_stops_the_first_deploy(self) -> None:
        self.world.commit()
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

    # rollback.sh

    def test_a_rollback_skips_what_has_failed_and_a_dry_run_of_it_changes_nothing(self) -> None:
        outcome = self.world.script("rollback.sh", "production", "4", "--yes", "--no-smoke")
        self.assertEqual(outcome.status, 0, outcome.text)
        before = (self.world.running("api"), self.world.running("web"))
        self.assertEqual(before[0], f"{PREFIX}-api:4")
        outcome = self.world.script("rollback.sh", "production", "--dry-run")
        self.assertEqual(outcome.status, 0, outcome.text)
        self.assertIn(f"from {PREFIX}-api:4 to {PREFIX}-api:2", outcome.text)
        self.assertEqual((self.world.running("api"), self.world.running("web")), before)

    def test_a_revision_that_is_not_there_is_refused(self) -> None:
        outcome = self.world.script("rollback.sh", "production", "999", "--yes")
        self.assertEqual(outcome.status, REFUSED, outcome.text)
        self.assertIn(f"no active revision {PREFIX}-api:999", outcome.text)
        self.serves_as_before()

    def test_a_rollback_to_what_does_not_serve_is_undone(self) -> None:
        sick = self.world.described("api")
        container = sick["taskDefinition"]["containerDefinitions"][0] | {
            "environment": [{"name": "MODE", "value": "sick"}]
        }
        family = {
            key: sick["taskDefinition"][key] for key in ("family", "networkMode", "cpu", "memory", "executionRoleArn")
        }
        answer = self.world.ecs.register_task_definition(containerDefinitions=[container], tags=sick["tags"], **family)
        number = str(answer["taskDefinition"]["revision"])
        outcome = self.world.script("rollback.sh", "production", number, "--yes")
        self.assertEqual(outcome.status, ROLLED_BACK, outcome.text)
        self.serves_as_before()
        self.assertEqual(self.world.records()[-1]["outcome"], "undone")


if __name__ == "__main__":
    unittest.main()
