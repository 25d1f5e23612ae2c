# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion in other programs' formats, and our own."""
