# SPDX-License-Identifier: GPL-3.0-or-later
"""Dance: options, operator and panel."""
