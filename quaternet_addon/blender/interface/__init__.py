# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts, layout and what differs between versions of the interface."""
