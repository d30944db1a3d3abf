"""What the scenarios with the real images share: one world, visitors all the while, and who serves."""

from __future__ import annotations

import atexit
import re
import unittest
from collections.abc import Callable
from typing import ClassVar

from images_world import ImagesWorld
from load import WEB, Visitors
from world import PREFIX, Outcome, Script, until

APPS = ("api", "web")
PUSHED = re.compile(r": digest: (sha256:[0-9a-f]{64}) size: ")


class ImagesCase(unittest.TestCase):
    world: ImagesWorld
    # It takes a minute to stand, so all suites of a run have the same one; where it does not stand none of them runs.
    _shared: ClassVar[ImagesWorld | BaseException | None] = None

    @classmethod
    def setUpClass(cls) -> None:
        if ImagesCase._shared is None:
            try:
                ImagesCase._shared = ImagesWorld()
                atexit.register(ImagesCase._shared.close)
            except BaseException as problem:
                ImagesCase._shared = problem
                raise
        if isinstance(ImagesCase._shared, BaseException):
            raise RuntimeError("the world did not come to stand") from ImagesCase._shared
        cls.world = ImagesCase._shared

    def setUp(self) -> None:
        self.before = tuple(self.world.running(app) for app in APPS)
        self.release_before = self.world.tags("api")["retell:release"]

    def visitors(self) -> Visitors:
        """Of both hosts, with requests that need the database among them."""
        authority = str(self.world.folder / "authority.pem")
        paths = ("/health", "/list-agents", f"{WEB}/", f"{WEB}/release.txt")
        # Handshakes cost what compilers and models need here as well.
        return Visitors(self.world.port, authority, paths, self.world.key, pause=0.15)

    def served(self, visitors: Visitors, at_least: int = 100) -> None:
        self.assertEqual(visitors.problems, [])
        self.assertGreater(visitors.answered, at_least)

    def serves(self, release: str) -> None:
        """Not what the control plane believes alone, but what the engine runs."""
        for app in APPS:
            tags = self.world.tags(app)
            self.assertEqual((tags["retell:release"], tags["retell:outcome"]), (release, "live"))
            image = self.world.described(app)["taskDefinition"]["containerDefinitions"][0]["image"]
            self.assertRegex(image, rf"/{PREFIX}/{app}@sha256:[0-9a-f]{{64}}$")
            running = [one for one in self.world.tasks(app) if one["taskDefinitionArn"].endswith(self.world.running(app))]
            self.assertEqual(len(running), 2)
            self.assertEqual({self.world.release_of(task) for task in running}, {release})
        self.assertIsNone(self.world.lock())

    def settled(self) -> None:
        for app in APPS:
            until(f"{app} has settled", lambda app=app: self.world.primary(app)["rolloutState"] == "COMPLETED")

    def serves_as_before(self) -> None:
        self.assertEqual(tuple(self.world.running(app) for app in APPS), self.before)
        self.settled()
        self.serves(self.release_before)

    def change(self, name: str, change: Callable[[str], str]) -> str:
        """A release with that change, which the next one does not have."""
        self.world.edit(name, change)
        release = self.world.commit()
        self.addCleanup(self.world.git, "revert", "--no-edit", "HEAD")
        return release

    def deploy_of(self, *words: str) -> Script:
        return self.world.begin("deploy.sh", "production", "--yes", *words)

    def forget(self, script: Script, app: str) -> None:
        """The release's image, once it is pushed."""
        number = APPS.index(app)

        def found() -> str:
            return "".join(PUSHED.findall(script.text())[number : number + 1])

        self.world.premises.forget_image(f"{PREFIX}/{app}", until(f"the push of {app}", found, 240))

    def goes_badly(self, script: Script, status: int, *said: str, gone: str = "") -> Outcome:
        """Nobody notices: what ran before serves, all the time. Of the app that is named the image does not stay."""
        with self.visitors() as visitors:
            if gone:
                self.forget(script, gone)
            outcome = script.outcome()
        print(f"\n{self._testMethodName}: {visitors.answered} requests over a failing deploy of {outcome.seconds:.0f} s")
        self.assertEqual(outcome.status, status, outcome.text)
        for words in said:
            self.assertIn(words, outcome.text)
        self.served(visitors)
        self.serves_as_before()
        return outcome
