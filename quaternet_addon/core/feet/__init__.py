# SPDX-License-Identifier: GPL-3.0-or-later
"""Planting feet: the lock, stances, soles, two-bone IK and the ground."""
