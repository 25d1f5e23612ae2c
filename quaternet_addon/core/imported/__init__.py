# SPDX-License-Identifier: GPL-3.0-or-later
"""Motions of networks that were imported, on the canonical skeleton."""
