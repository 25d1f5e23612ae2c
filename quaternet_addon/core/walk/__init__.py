# SPDX-License-Identifier: GPL-3.0-or-later
"""Walking along a path: from what is asked to a motion with planted feet."""
