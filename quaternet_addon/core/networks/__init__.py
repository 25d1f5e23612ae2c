# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers that step fast in NumPy, and the model file."""
