# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers, losses and rollouts that several trainings share."""
