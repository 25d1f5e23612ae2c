# SPDX-License-Identifier: GPL-3.0-or-later
"""What several readers share: what is asked of what was read, and arrays with something wrong."""

import numpy as np


def require(sound, text):
    if not sound:
        raise RuntimeError(f"accepted, but {text}")


def damaged_arrays(random, arrays):
    arrays = dict(arrays)
    for _ in range(random.choice((1, 1, 3))):
        name = random.choice(list(arrays))
        array = arrays[name]
        changes = (
            lambda a: a.reshape(-1),
            lambda a: np.zeros((), np.float32),
            lambda a: a[..., :-1] if a.ndim else a,
            lambda a: a[:0] if a.ndim else a,
            lambda a: a[None],
            lambda a: a.T.copy(),
            lambda a: np.repeat(a, 2, 0) if a.ndim else a,
            lambda a: np.zeros((1,) * 30, np.float32),
            lambda a: a.astype(np.float64),
            lambda a: a.astype(np.float16),
            lambda a: a * np.float32(np.nan),
            lambda a: a * np.float32(1e30),
            lambda a: np.full(a.shape, 2.0**31, np.float32),
            lambda a: a.astype(np.int32),
        )
        if random.random() < 0.2:
            del arrays[name]
            return arrays or {"x": np.zeros(1, np.float32)}
        arrays[name] = np.ascontiguousarray(random.choice(changes)(array))
    return arrays


def describe(path):
    from training.commands import describe as command

    text = command.describe(path)
    text.encode()
