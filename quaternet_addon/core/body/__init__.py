# SPDX-License-Identifier: GPL-3.0-or-later
"""A skeleton and its motion: contacts, states, seams, proportions."""
