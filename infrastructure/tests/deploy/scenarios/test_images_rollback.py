"""Two deploys at once, and both forms of rollback.sh, with the real images and a database whose schema changes. Each test
goes on from where the one before it has arrived."""

from __future__ import annotations

import unittest
from typing import ClassVar

from images_case import ImagesCase
from world import PREFIX, until

REFUSED, LOCKED = 3, 4
MIGRATIONS = "apps/api/migrations"
COLUMN = "calls|purpose|text"


class Rollback(ImagesCase):
    # Releases, and what revision of the API each is.
    old: ClassVar[tuple[str, str]]
    expanded: ClassVar[tuple[str, str]]

    def with_migration(self, name: str, statements: str) -> str:
        """A release with one more migration, which all later ones have."""
        self.world.edit(f"{MIGRATIONS}/{name}.sql", lambda _: statements)
        return self.world.commit()

    def runs(self, release: str) -> tuple[str, str]:
        self.settled()
        self.serves(release)
        return release, self.world.running("api").rpartition(":")[2]

    def goes_to(self, release: str, *words: str) -> None:
        with self.visitors() as visitors:
            outcome = self.world.script("rollback.sh", "production", *words, "--yes")
        print(f"\n{self._testMethodName}: {visitors.answered} requests over a rollback of {outcome.seconds:.0f} s")
        self.assertEqual(outcome.status, 0, outcome.text)
        self.served(visitors)
        self.runs(release)
        record = self.world.records()[-1]
        self.assertEqual((record["action"], record["outcome"], record["commit"]), ("rollback", "live", release))

    def test_1_of_two_deploys_at_once_one_is_refused(self) -> None:
        type(self).old = self.runs(self.release_before)
        release = self.with_migration("0900_purposes", "ALTER TABLE calls ADD COLUMN purpose TEXT;\n")
        with self.visitors() as visitors:
            first = self.deploy_of()
            until("the lock", self.world.lock)
            second = self.deploy_of().outcome()
            self.assertIsNone(first.process.poll(), "the first was over too early to prove anything")
            outcome = first.outcome()
        print(f"\n{self._testMethodName}: {visitors.answered} requests over a deploy of {outcome.seconds:.0f} s")
        self.assertEqual(second.status, LOCKED, second.text)
        self.assertIn(f"locked by tester: deploy of {release}, since", second.text)
        self.assertEqual(outcome.status, 0, outcome.text)
        self.served(visitors)
        type(self).expanded = self.runs(release)
        self.assertIn(COLUMN, self.world.schema())

    def test_2_to_the_release_before(self) -> None:
        """It lives with a schema that only has more."""
        self.goes_to(self.old[0])
        self.assertIn(COLUMN, self.world.schema())

    def test_3_to_a_revision_of_the_api_and_the_web_of_the_same_release(self) -> None:
        # The Web's numbers have gone apart from the API's.
        web = self.world.ecs.describe_task_definition(taskDefinition=f"{PREFIX}-web")["taskDefinition"]
        self.world.ecs.register_task_definition(family=f"{PREFIX}-web", containerDefinitions=web["containerDefinitions"])
        self.goes_to(*self.expanded)

    def test_4_not_across_a_contract_migration_but_to_what_can_live_with_it(self) -> None:
        world = self.world
        contract = "-- contract: oldest 0900\nALTER TABLE calls DROP COLUMN purpose;\n"
        release = self.with_migration("0901_no_purposes", contract)
        outcome = self.deploy_of().outcome()
        self.assertEqual(outcome.status, 0, outcome.text)
        self.runs(release)
        self.assertNotIn(COLUMN, world.schema())
        refused = world.script("rollback.sh", "production", self.old[1], "--yes")
        self.assertEqual(refused.status, REFUSED, refused.text)
        self.assertIn("only 900 and newer can run", refused.text)
        self.serves(release)
        # Rightly so: the program itself does not touch such a database.
        said = world.run_once("migrate", "up", revision=self.old[1], status=1)
        self.assertIn("needs one that knows migration 900", said)
        self.goes_to(self.expanded[0])


if __name__ == "__main__":
    unittest.main()
