# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar's tab: settings, presets of options, menus."""
