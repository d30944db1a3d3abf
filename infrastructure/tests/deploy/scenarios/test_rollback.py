"""Both forms of rollback.sh, and what it refuses."""

from __future__ import annotations

import unittest

from load import Visitors
from world import PREFIX, World

REFUSED, ROLLED_BACK = 3, 7


class Rollback(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.world = World("127.94")
        cls.addClassCleanup(cls.world.close)
        cls.good = []
        # Two releases that serve, with one between them that failed: back is not one revision less.
        for api in ({}, {"MIGRATION_EXIT": "1"}, {}):
            release = cls.world.commit()
            outcome = cls.world.deploy("--no-smoke", api=api)
            assert outcome.status == (6 if api else 0), outcome.text
            if not api:
                cls.good.append(release)

    def serves(self, release: str) -> None:
        for app in ("api", "web"):
            self.assertEqual(self.world.tags(app)["retell:release"], release)
            self.assertEqual(self.world.primary(app)["rolloutState"], "COMPLETED")

    def test_1_to_the_release_before_without_a_failed_request(self) -> None:
        with Visitors(self.world.port, str(self.world.folder / "authority.pem")) as visitors:
            outcome = self.world.script("rollback.sh", "production", "--yes")
        self.assertEqual(outcome.status, 0, outcome.text)
        self.assertEqual(visitors.problems, [])
        self.serves(self.good[0])
        record = self.world.records()[-1]
        self.assertEqual((record["action"], record["outcome"], record["commit"]), ("rollback", "live", self.good[0]))

    def test_2_to_a_revision_of_the_api_and_the_web_of_the_same_release(self) -> None:
        # The Web's numbers have gone apart from the API's.
        newest = self.world.ecs.list_task_definitions(familyPrefix=f"{PREFIX}-api", sort="DESC")["taskDefinitionArns"][
            0
        ]
        web = self.world.ecs.describe_task_definition(taskDefinition=f"{PREFIX}-web")["taskDefinition"]
        container = web["containerDefinitions"][0]
        self.world.ecs.register_task_definition(family=f"{PREFIX}-web", containerDefinitions=[container])
        outcome = self.world.script("rollback.sh", "production", newest.rsplit(":", 1)[-1], "--yes", "--no-smoke")
        self.assertEqual(outcome.status, 0, outcome.text)
        self.serves(self.good[1])

    def test_3_a_dry_run_changes_nothing(self) -> None:
        before = self.world.running("api")
        outcome = self.world.script("rollback.sh", "production", "--dry-run")
        self.assertEqual(outcome.status, 0, outcome.text)
        self.assertIn(f"from {before} to {PREFIX}-api:2", outcome.text)
        self.assertEqual(self.world.running("api"), before)

    def test_4_a_revision_that_is_not_there_is_refused(self) -> None:
        outcome = self.world.script("rollback.sh", "production", "999", "--yes")
        self.assertEqual(outcome.status, REFUSED, outcome.text)
        self.assertIn(f"no active revision {PREFIX}-api:999", outcome.text)

    def test_5_a_revision_that_does_not_serve_is_undone(self) -> None:
        before = (self.world.running("api"), self.world.running("web"))
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
        self.assertEqual((self.world.running("api"), self.world.running("web")), before)
        self.assertEqual(self.world.records()[-1]["outcome"], "undone")

    def test_6_across_a_contract_migration_is_refused_but_not_to_what_can_live_with_it(self) -> None:
        migrations = self.world.checkout / "apps/api/migrations"
        (migrations / "0050_new_column.sql").write_text("ALTER TABLE calls ADD COLUMN purpose TEXT;\n")
        expanded = self.world.commit()
        self.assertEqual(self.world.deploy("--no-smoke").status, 0)
        (migrations / "0051_drop_old.sql").write_text("-- contract: oldest 0050\nALTER TABLE calls DROP COLUMN aim;\n")
        self.world.commit()
        self.assertEqual(self.world.deploy("--no-smoke").status, 0)
        outcome = self.world.script("rollback.sh", "production", "2", "--yes")
        self.assertEqual(outcome.status, REFUSED, outcome.text)
        self.assertIn("only 50 and newer can run", outcome.text)
        outcome = self.world.script("rollback.sh", "production", "--yes", "--no-smoke")
        self.assertEqual(outcome.status, 0, outcome.text)
        self.serves(expanded)
        # And a release whose migration the running one could not live with is not deployed over it.
        (migrations / "0052_drop_more.sql").write_text(
            "-- contract: oldest 0051\nALTER TABLE calls DROP COLUMN purpose;\n"
        )
        self.world.commit()
        outcome = self.world.deploy("--dry-run")
        self.assertEqual(outcome.status, REFUSED, outcome.text)
        self.assertIn("deploy one of at least schema 51 first", outcome.text)


if __name__ == "__main__":
    unittest.main()
