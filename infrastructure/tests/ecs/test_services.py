"""Services of the ECS stand-in: deployments, circuit breaker, protection, Spot."""

from __future__ import annotations

import time
import unittest
import urllib.request
from urllib.error import HTTPError

from fixture import Plane, address, until


class Services(unittest.TestCase):
    def setUp(self) -> None:
        self.plane = Plane("127.82")
        self.addCleanup(self.plane.close)
        self.first = self.plane.register("app", "good")
        # One stays when Spot is short of machines.
        strategy = [
            {"capacityProvider": "FARGATE", "base": 1, "weight": 0},
            {"capacityProvider": "FARGATE_SPOT", "weight": 1},
        ]
        self.plane.create("app", self.first, capacityProviderStrategy=strategy)

    def messages(self) -> str:
        return "\n".join(event["message"] for event in self.plane.service("app")["events"])

    def history(self) -> list[dict]:  # type: ignore[type-arg]
        arns = [
            one["serviceDeploymentArn"]
            for one in self.plane.ecs.list_service_deployments(cluster="test", service="app")["serviceDeployments"]
        ]
        return list(self.plane.ecs.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"])

    def test_a_deployment_replaces_all_tasks_and_never_has_too_few(self) -> None:
        deployment = self.plane.update("app", self.plane.register("app", "good"))
        fewest = 2
        while self.plane.primary("app")["rolloutState"] != "COMPLETED":
            fewest = min(fewest, sum(state == "healthy" for state in self.plane.health().values()))
            time.sleep(0.05)
        self.assertEqual(fewest, 2)
        self.assertEqual(self.plane.primary("app")["id"], deployment)
        self.assertEqual(len(self.plane.service("app")["deployments"]), 1)
        self.assertEqual({one["startedBy"] for one in self.plane.tasks(self.plane.arns("app"))}, {deployment})
        stopped = self.plane.tasks(self.plane.arns("app", "STOPPED"))
        self.assertEqual(
            {(one["stopCode"], one["containers"][0]["exitCode"]) for one in stopped}, {("ServiceSchedulerInitiated", 0)}
        )
        self.assertIn("has reached a steady state", self.messages())
        self.assertEqual(self.history()[0]["status"], "SUCCESSFUL")

    def test_the_same_revision_again_makes_a_deployment_only_by_force(self) -> None:
        before = self.plane.primary("app")["id"]
        self.assertEqual(self.plane.update("app", self.first), before)
        forced = self.plane.ecs.update_service(cluster="test", service="app", forceNewDeployment=True)
        self.assertNotEqual(forced["service"]["deployments"][0]["id"], before)

    def broken(self, image: str) -> None:
        """ECS goes back by itself, the failed deployment is forgotten, and the waiter finds nothing wrong."""
        deployment = self.plane.update("app", self.plane.register("app", image))
        until("rolled back", lambda: self.plane.primary("app")["taskDefinition"] == self.first)
        self.assertIn("FAILED", [one["rolloutState"] for one in self.plane.service("app")["deployments"]])
        self.plane.completed("app")
        self.plane.ecs.get_waiter("services_stable").wait(cluster="test", services=["app"])
        self.assertNotIn(deployment, [one["id"] for one in self.plane.service("app")["deployments"]])
        told = self.history()[1]
        self.assertEqual(
            (told["status"], told["deploymentCircuitBreaker"]["status"]), ("ROLLBACK_SUCCESSFUL", "TRIGGERED")
        )
        self.assertIn("rolling back to", self.messages())

    def test_a_crashing_image_is_rolled_back(self) -> None:
        self.broken("crash")

    def test_a_missing_image_is_rolled_back(self) -> None:
        self.broken("nothing")

    def test_an_image_that_is_never_healthy_is_rolled_back(self) -> None:
        self.broken("sick")
        self.assertIn("failed ELB health checks", self.messages())

    def test_a_protected_task_outlives_the_deployment_until_it_is_released(self) -> None:
        held = self.plane.arns("app")[0]
        self.assertTrue(
            self.plane.agent(held, {"ProtectionEnabled": True, "ExpiresInMinutes": 5})["protection"][
                "ProtectionEnabled"
            ]
        )
        self.plane.update("app", self.plane.register("app", "good"))
        until("the other old task is gone", lambda: len(self.plane.arns("app")) == 3)
        time.sleep(1)
        self.assertIn(held, self.plane.arns("app"))
        self.assertEqual(self.plane.primary("app")["rolloutState"], "IN_PROGRESS")
        self.assertTrue(
            self.plane.ecs.get_task_protection(cluster="test", tasks=[held])["protectedTasks"][0]["protectionEnabled"]
        )
        self.plane.agent(held, {"ProtectionEnabled": False})
        self.plane.completed("app")
        self.assertNotIn(held, self.plane.arns("app"))

    def test_more_protection_than_tasks_wanted_blocks_a_deployment(self) -> None:
        old = self.plane.arns("app")
        for task in old:
            self.plane.agent(task, {"ProtectionEnabled": True})
        self.plane.update("app", self.plane.register("app", "good"))
        new = until("new tasks", lambda: [one for one in self.plane.arns("app") if one not in old])
        self.assertEqual(
            self.plane.agent(new[0], {"ProtectionEnabled": True})["failure"]["Reason"], "DEPLOYMENT_BLOCKED"
        )
        self.assertFalse(self.plane.agent(new[0])["protection"]["ProtectionEnabled"])
        # Who has it may go on having it.
        self.assertIn("protection", self.plane.agent(old[0], {"ProtectionEnabled": True}))

    def test_a_task_of_no_service_cannot_be_protected(self) -> None:
        answer = self.plane.ecs.run_task(
            cluster="test", taskDefinition=self.first, networkConfiguration={"awsvpcConfiguration": {"subnets": ["s"]}}
        )
        task = answer["tasks"][0]["taskArn"]
        self.assertEqual(self.plane.agent(task, {"ProtectionEnabled": True})["failure"]["Reason"], "TASK_NOT_VALID")

    def test_spot_takes_a_task_while_it_is_still_registered_and_it_is_replaced(self) -> None:
        by_capacity = {one["capacityProviderName"]: one for one in self.plane.tasks(self.plane.arns("app"))}
        self.assertEqual(set(by_capacity), {"FARGATE", "FARGATE_SPOT"})
        with self.assertRaises(HTTPError):
            self.plane.interrupt(by_capacity["FARGATE"]["taskArn"])
        taken = by_capacity["FARGATE_SPOT"]
        self.plane.interrupt(taken["taskArn"])
        self.assertIn(self.plane.health()[address(taken)], ("healthy", "unhealthy"))
        stopped = until(
            "stopped",
            lambda: next((one for one in self.plane.tasks([taken["taskArn"]]) if one["lastStatus"] == "STOPPED"), None),
        )
        self.assertEqual((stopped["stopCode"], stopped["containers"][0]["exitCode"]), ("SpotInterruption", 0))
        self.assertNotIn(address(taken), self.plane.health())
        until("replaced", lambda: list(self.plane.health().values()) == ["healthy", "healthy"])
        failed = [one["stoppedReason"] for one in self.plane.tasks(self.plane.arns("app", "STOPPED"))]
        self.assertEqual(failed, ["Your Spot Task was interrupted."])
        self.assertEqual(self.plane.primary("app")["failedTasks"], 0)

    def test_a_task_that_does_not_stop_is_killed(self) -> None:
        stubborn = self.plane.register("stubborn", "good", stopTimeout=2)
        self.plane.create("stubborn", stubborn, desired=1)
        task = self.plane.tasks(self.plane.arns("stubborn"))[0]
        # A request that goes on for longer than the program is given.
        request = urllib.request.urlopen(f"http://{address(task)}:8080/call?seconds=20")
        self.addCleanup(request.close)
        self.plane.ecs.stop_task(cluster="test", task=task["taskArn"], reason="test")
        stopped = until(
            "stopped",
            lambda: next((one for one in self.plane.tasks([task["taskArn"]]) if one["lastStatus"] == "STOPPED"), None),
        )
        self.assertEqual((stopped["stopCode"], stopped["containers"][0]["exitCode"]), ("UserInitiated", 137))


if __name__ == "__main__":
    unittest.main()
