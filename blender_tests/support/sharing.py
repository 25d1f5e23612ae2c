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
    def pytest_runtest_protocol(self, item):
        """True, "this test is dealt with", for those of the other runs."""
        path = item.nodeid.partition("::")[0]
        if path not in self._ours:
            self._ours[path] = self._taken(path)
        return None if self._ours[path] else True

    def _taken(self, path):
        name = hashlib.sha256(path.encode()).hexdigest()
        try:
            os.close(os.open(os.path.join(self._folder, name), os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        return True
