# SPDX-License-Identifier: GPL-3.0-or-later
"""Walk Along Curve: options, operator, panel, preview and Live."""
