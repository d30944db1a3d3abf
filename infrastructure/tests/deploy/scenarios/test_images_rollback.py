"""Both forms of rollback.sh with the real images and a database whose schema changes, and what it refuses."""

from __future__ import annotations

import unittest

from images_case import ImagesCase
from world import PREFIX

REFUSED = 3
MIGRATIONS = "apps/api/migrations"


class Rollback(ImagesCase):
    def goes_to(self, release: str, *words: str) -> None:
        with self.visitors() as visitors:
            outcome = self.world.script("rollback.sh", "production", *words, "--yes")
        print(f"\n{self._testMethodName}: {visitors.answered} requests over a rollback of {outcome.seconds:.0f} s")
        self.assertEqual(outcome.status, 0, outcome.text)
        self.served(visitors)
        self.settled()
        self.serves(release)
        record = self.world.records()[-1]
        self.assertEqual((record["action"], record["outcome"], record["commit"]), ("rollback", "live", release))

    def deployed(self, migration: str, statements: str) -> str:
        """A release with one more migration; its own, and those that follow."""
        self.world.edit(f"{MIGRATIONS}/{migration}.sql", lambda _: statements)
        release = self.world.commit()
        outcome = self.deploy_of().outcome()
        self.assertEqual(outcome.status, 0, outcome.text)
        self.settled()
        self.serves(release)
        return release

    def test_to_the_release_before_to_a_revision_and_not_across_a_contract(self) -> None:
        world = self.world
        before, revision = self.release_before, self.before[0].rpartition(":")[2]
        expanded = self.deployed("0900_purposes", "ALTER TABLE calls ADD COLUMN purpose TEXT;\n")
        newer = world.running("api").rpartition(":")[2]
        self.assertIn("calls|purpose|text", world.schema())
        # The older release lives with a schema that only has more.
        self.goes_to(before)
        self.assertIn("calls|purpose|text", world.schema())
        # The Web's numbers have gone apart from the API's.
        web = world.ecs.describe_task_definition(taskDefinition=f"{PREFIX}-web")["taskDefinition"]["containerDefinitions"]
        world.ecs.register_task_definition(family=f"{PREFIX}-web", containerDefinitions=web)
        self.goes_to(expanded, newer)

        contract = "-- contract: oldest 0900\nALTER TABLE calls DROP COLUMN purpose;\n"
        contracted = self.deployed("0901_no_purposes", contract)
        self.assertNotIn("calls|purpose|text", world.schema())
        refused = world.script("rollback.sh", "production", revision, "--yes")
        self.assertEqual(refused.status, REFUSED, refused.text)
        self.assertIn("only 900 and newer can run", refused.text)
        self.serves(contracted)
        # Rightly so: the program itself does not touch such a database.
        self.assertIn("needs one that knows migration 900", world.run_once("migrate", "up", revision=revision, status=1))
        self.goes_to(expanded)


if __name__ == "__main__":
    unittest.main()
