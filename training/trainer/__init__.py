# SPDX-License-Identifier: GPL-3.0-or-later
"""The training loop, the run folder and its progress."""
