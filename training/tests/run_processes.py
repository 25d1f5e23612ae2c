# SPDX-License-Identifier: GPL-3.0-or-later
"""Trainings in processes of their own, forked from one that has PyTorch imported already."""

import multiprocessing
import os
import socket
import sys

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["training.presets", "training.commands.run", "torch._dynamo"])


def start(arguments, **environment):
    """Begin ``python -m training ARGUMENTS``; the running process."""
    process = _PROCESSES.Process(target=_run, args=(arguments, environment))
    process.start()
    return process


def start_together(count, arguments):
    """Begin it in ``count`` processes that train together, as torchrun does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    common = {"WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    return [
        start(arguments, **common, RANK=str(rank), LOCAL_RANK=str(rank)) for rank in range(count)
    ]


def finish(*processes, seconds=600):
    """Wait for them; their exit statuses."""
    for process in processes:
        process.join(seconds)
    return [process.exitcode for process in processes]


def _run(arguments, environment):
    os.environ.update(environment)
    from training.__main__ import main

    sys.exit(main(arguments))
