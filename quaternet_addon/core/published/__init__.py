# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks of the papers, as `training import` and `evaluate` run them."""
