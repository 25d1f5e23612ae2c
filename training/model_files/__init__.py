# SPDX-License-Identifier: GPL-3.0-or-later
"""From a run or a release to a model file, with its proof."""
