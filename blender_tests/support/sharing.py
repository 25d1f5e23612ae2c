# SPDX-License-Identifier: GPL-3.0-or-later
"""Several runs of the same tests side by side, each file in one of them."""

import hashlib
import os

import pytest


class Sharing:
    """A pytest plugin: a test file belongs to the run that comes to it first.

    folder: where all of these runs note what they took.
    """

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
        path = item.nodeid.partition("::")[0]
        if path not in self._ours:
            self._ours[path] = self._taken(path)
        return self._ours[path]

    def _taken(self, path):
        name = hashlib.sha256(path.encode()).hexdigest()
        try:
            os.close(os.open(os.path.join(self._folder, name), os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        return True
