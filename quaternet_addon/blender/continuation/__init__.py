# SPDX-License-Identifier: GPL-3.0-or-later
"""Continue Motion: options, operator and panel."""
