# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings: reading, cleaning, cutting, and the dataset file."""
