# SPDX-License-Identifier: GPL-3.0-or-later
"""Several runs of the same tests side by side, each file or each long test in one of them."""

import hashlib
import os

import pytest


class Sharing:
    """A pytest plugin: a test file belongs to the run that comes to it first.

    So does each test that asks for a fixture of `by_itself`: it starts a Blender of its own and
    shares nothing with its file.

    folder: where all of these runs note what they took.
    """

    by_itself = frozenset({"play"})

    def __init__(self, folder):
        self._folder = folder
        self._ours = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        """Pytest's own loop over our items: each knows the next of ours, to tear down for it."""
        if session.testsfailed or session.config.option.collectonly:
            return None
        items = (item for item in session.items if self._is_ours(item))
        item = next(items, None)
        while item is not None:
            following = next(items, None)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
            item = following
        return True

    def _is_ours(self, item):
        alone = self.by_itself.intersection(item.fixturenames)
        part = item.nodeid if alone else item.nodeid.partition("::")[0]
        if part not in self._ours:
            self._ours[part] = self._taken(part)
        return self._ours[part]

    def _taken(self, part):
        name = hashlib.sha256(part.encode()).hexdigest()
        try:
            os.close(os.open(os.path.join(self._folder, name), os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        return True
