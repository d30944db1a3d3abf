"""Task definitions and tasks of the ECS stand-in."""

from __future__ import annotations

import unittest

from botocore.exceptions import ClientError
from fixture import Plane
from standin.cloud import field_of


class Tasks(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.plane = Plane("127.81")
        cls.addClassCleanup(cls.plane.close)

    def refused(self, code: str, operation, **request) -> str:  # type: ignore[no-untyped-def]
        with self.assertRaises(ClientError) as caught:
            operation(**request)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        return str(caught.exception)

    def test_fargate_takes_only_its_sizes(self) -> None:
        container = {"name": "app", "image": "x"}
        wrong = {
            "family": "size",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "4096",
        }
        self.assertIn(
            "256 CPU",
            self.refused(
                "ClientException", self.plane.ecs.register_task_definition, containerDefinitions=[container], **wrong
            ),
        )

    def test_a_stop_timeout_over_two_minutes_is_refused(self) -> None:
        self.assertIn(
            "120", self.refused("ClientException", self.plane.register, family="stop", image="good", stopTimeout=121)
        )

    def test_revisions_are_listed_newest_first_when_asked(self) -> None:
        arns = [self.plane.register("listed", "good") for _ in range(11)]
        self.plane.register("listed-other", "good")
        listed = self.plane.ecs.list_task_definitions(familyPrefix="listed", sort="DESC")["taskDefinitionArns"]
        self.assertEqual(listed, arns[::-1])

    def test_a_deregistered_revision_is_neither_listed_nor_run(self) -> None:
        first, second = self.plane.register("gone", "good"), self.plane.register("gone", "good")
        self.plane.ecs.deregister_task_definition(taskDefinition=second)
        self.assertEqual(self.plane.ecs.list_task_definitions(familyPrefix="gone")["taskDefinitionArns"], [first])
        self.assertEqual(
            self.plane.ecs.describe_task_definition(taskDefinition="gone")["taskDefinition"]["revision"], 1
        )
        with self.assertRaises(ClientError):
            self.plane.run(second)

    def test_tags_are_shown_only_when_asked_for(self) -> None:
        arn = self.plane.register("tagged", "good")
        self.plane.ecs.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "1"}])
        self.plane.ecs.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "2"}])
        describe = self.plane.ecs.describe_task_definition
        self.assertEqual(describe(taskDefinition=arn, include=["TAGS"])["tags"], [{"key": "a", "value": "2"}])
        self.assertEqual(describe(taskDefinition=arn).get("tags", []), [])

    def test_a_task_without_a_network_is_refused(self) -> None:
        arn = self.plane.register("network", "good")
        request = {"cluster": "test", "taskDefinition": arn, "launchType": "FARGATE"}
        self.assertIn(
            "Network Configuration", self.refused("InvalidParameterException", self.plane.ecs.run_task, **request)
        )

    def test_an_exit_code_is_kept_and_the_waiter_does_not_care(self) -> None:
        task = self.plane.run(self.plane.register("seven", "seven", ("migrate", "up")))
        self.assertEqual((task["containers"][0]["exitCode"], task["stopCode"]), (7, "EssentialContainerExited"))
        self.plane.ecs.get_waiter("tasks_stopped").wait(cluster="test", tasks=[task["taskArn"]])

    def test_a_missing_image_never_runs(self) -> None:
        task = self.plane.run(self.plane.register("missing", "nothing@sha256:00"))
        self.assertEqual(task["stopCode"], "TaskFailedToStart")
        self.assertIn("CannotPullContainerError", task["stoppedReason"])
        self.assertNotIn("exitCode", task["containers"][0])

    def test_a_missing_secret_never_runs(self) -> None:
        secret = {"secrets": [{"name": "DATABASE_PASSWORD", "valueFrom": "arn:nothing"}]}
        task = self.plane.run(self.plane.register("secretless", "good", **secret))
        self.assertIn("ResourceInitializationError", task["stoppedReason"])

    def test_a_secret_may_be_a_field_of_its_text(self) -> None:
        arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1-AbCdEf"
        text = '{"username": "retell", "password": "p:1"}'
        self.assertEqual(field_of(text, arn), text)
        self.assertEqual(field_of(text, f"{arn}:password::"), "p:1")
        for wrong in (text, "no JSON", "[]"):
            with self.assertRaisesRegex(LookupError, "did not contain json key token"):
                field_of(wrong, f"{arn}:token::")

    def test_secrets_reach_the_task_and_its_lines_the_log(self) -> None:
        logs = {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/test", "awslogs-stream-prefix": "m"}}
        secret = [{"name": "DATABASE_PASSWORD", "valueFrom": "arn:secret"}]
        task = self.plane.run(
            self.plane.register("log", "good", ("migrate", "up"), logConfiguration=logs, secrets=secret)
        )
        self.assertEqual(task["containers"][0]["exitCode"], 0)
        lines = self.plane.cloud.shipped[f"m/app/{task['taskArn'].rsplit('/', 1)[-1]}"]
        self.assertEqual(lines, ["applied 0001_init.sql, with a password"])

    def test_an_unknown_task_is_missing(self) -> None:
        answer = self.plane.ecs.describe_tasks(cluster="test", tasks=["0123"])
        self.assertEqual(answer["failures"], [{"arn": "0123", "reason": "MISSING"}])

    def test_what_is_not_there_says_so(self) -> None:
        self.assertIn(
            "not implemented",
            self.refused(
                "UnsupportedFeatureException", self.plane.ecs.list_attributes, targetType="container-instance"
            ),
        )


if __name__ == "__main__":
    unittest.main()
