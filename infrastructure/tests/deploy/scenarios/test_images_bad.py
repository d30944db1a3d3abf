"""Bad releases, each built, pushed and run as what it is: its deploy ends with its own status, and visitors do not notice."""

from __future__ import annotations

import unittest
from collections.abc import Callable

from images_case import ImagesCase
from world import PREFIX

MIGRATION, ROLLED_BACK = 6, 7
ENTRYPOINT = "apps/api/container/entrypoint.sh"
# After it a task that is not healthy is stopped. Good ones are healthy long before, as nothing waits for them here.
GRACE = 15


def serving_with(setting: str) -> Callable[[str], str]:
    """A setting that the server alone gets: its migrations work."""
    last = 'exec retell "$@"\n'
    return lambda text: text.replace(last, f'if [ "${{1:-serve}}" = serve ]; then export {setting}; fi\n{last}')


class BadReleases(ImagesCase):
    def test_an_api_that_crashes(self) -> None:
        """The server refuses a setting that came with the release."""
        self.change(ENTRYPOINT, serving_with("RETELL_TWILIO_ACCOUNT_SID=AC0123456789abcdef0123456789abcdef"))
        self.goes_badly(self.deploy_of(), ROLLED_BACK, "api ended with ", "the previous release serves")
        self.assertEqual(self.world.records()[-1]["outcome"], "rolled-back")
        newest = self.world.ecs.list_task_definitions(familyPrefix=f"{PREFIX}-api", sort="DESC")["taskDefinitionArns"][0]
        tags = self.world.ecs.describe_task_definition(taskDefinition=newest, include=["TAGS"])["tags"]
        self.assertIn({"key": "retell:outcome", "value": "failed"}, tags)

    def test_an_api_whose_health_check_fails(self) -> None:
        """It lives, and listens where nobody asks."""
        self.change(ENTRYPOINT, serving_with("RETELL_SERVER_PORT=8081"))
        self.grace(GRACE)
        self.addCleanup(self.grace, self.world.grace)
        self.goes_badly(self.deploy_of(), ROLLED_BACK, "failed ELB health checks", "the previous release serves")

    def grace(self, seconds: int) -> None:
        self.world.ecs.update_service(
            cluster=f"{PREFIX}-cluster", service=f"{PREFIX}-api", healthCheckGracePeriodSeconds=seconds
        )

    def test_an_api_that_is_never_ready(self) -> None:
        """It answers /health, which is all that the load balancer asks; the test through it asks /ready."""
        asked = "  const auto state = co_await api.ready();\n"
        never = '  if (state) state = core::fail(core::ErrorCode::unavailable, "nobody has started the queue");\n'
        source = "apps/api/src/api/routes/system.cpp"
        self.change(source, lambda text: text.replace(asked, asked.replace("const ", "") + never))
        self.goes_badly(self.deploy_of(), ROLLED_BACK, "FAILED: the API takes calls and has its database")

    def test_a_web_image_that_is_gone_takes_the_api_back_as_well(self) -> None:
        self.world.commit()
        said = ("CannotPullContainerError", f"{PREFIX}-api runs {self.before[0]} again")
        self.goes_badly(self.deploy_of(), ROLLED_BACK, *said, gone="web")

    def test_an_api_image_that_is_gone_migrates_nothing(self) -> None:
        self.world.commit()
        self.goes_badly(self.deploy_of(), MIGRATION, "it never ran: CannotPullContainerError", gone="api")

    def test_a_failing_migration_leaves_the_services_and_the_schema_alone(self) -> None:
        tasks = {task["taskArn"] for task in self.world.tasks("api")}
        schema = self.world.schema()
        self.assertGreater(len(schema), 100)
        statements = "ALTER TABLE calls ADD COLUMN purpose TEXT;\nALTER TABLE purposes ADD COLUMN name TEXT;\n"
        self.change("apps/api/migrations/0900_purposes.sql", lambda _: statements)
        self.goes_badly(self.deploy_of(), MIGRATION, 'relation "purposes" does not exist', "the services were not touched")
        self.assertEqual(self.world.schema(), schema)
        self.assertEqual({task["taskArn"] for task in self.world.tasks("api")}, tasks)
        self.assertEqual(self.world.records()[-1]["outcome"], "migration-failed")


if __name__ == "__main__":
    unittest.main()
