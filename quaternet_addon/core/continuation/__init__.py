# SPDX-License-Identifier: GPL-3.0-or-later
"""Going on with the motion that a body is in."""
