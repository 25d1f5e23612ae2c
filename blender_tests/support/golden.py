# SPDX-License-Identifier: GPL-3.0-or-later
"""The published networks' random weights of ../shared/golden, read without PyTorch."""

import collections
import os
import pickle
import sys
import zipfile

import numpy as np

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
FOLDER = os.path.join(ROOT, "..", "shared", "golden")


class _Reader(pickle.Unpickler):
    """Tensors as arrays; nothing else is looked up."""

    def __init__(self, archive, folder):
        super().__init__(archive.open(f"{folder}/data.pkl"))
        self._archive, self._folder = archive, folder

    def persistent_load(self, pid):
        return np.frombuffer(self._archive.read(f"{self._folder}/data/{pid[2]}"), np.float32)

    def find_class(self, module, name):
        known = {"_rebuild_tensor_v2": _array, "OrderedDict": collections.OrderedDict}
        return known.get(name, name)


def _array(storage, offset, shape, strides, *_):
    steps = tuple(4 * step for step in strides)
    return np.lib.stride_tricks.as_strided(storage[offset:], shape, steps).copy()


def write_models(folder):
    """A model file of each network, as ``python -m training import`` writes it: kind -> path."""
    if ROOT not in sys.path:
        sys.path.append(ROOT)
    from quaternet_addon.core.networks.model_file import save_weights
    from training.model_files.from_releases import NETWORKS, state_to_model

    found = {}
    for network, kind in NETWORKS.items():
        name = network.replace("-", "_")
        with zipfile.ZipFile(os.path.join(FOLDER, f"{name}.bin")) as archive:
            state = _Reader(archive, archive.namelist()[0].split("/")[0]).load()
        found[kind] = os.path.join(folder, f"{name}.npz")
        save_weights(found[kind], *state_to_model(kind, state), np.float32)
    return found
