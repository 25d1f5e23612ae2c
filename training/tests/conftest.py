# SPDX-License-Identifier: GPL-3.0-or-later
"""One thread for torch, here and in the processes that tests start.

At the tests' sizes more threads only wait for each other, many times as long on a busy machine.
Read when torch is imported, so that tests without torch need not import it.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
