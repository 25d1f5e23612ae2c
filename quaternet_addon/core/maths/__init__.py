# SPDX-License-Identifier: GPL-3.0-or-later
"""Quaternions, smoothing, and frames of many motions in one array; for NumPy or torch."""
