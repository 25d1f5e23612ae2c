# SPDX-License-Identifier: GPL-3.0-or-later
"""What all modes share: the work in slices, and the take that it leaves."""
