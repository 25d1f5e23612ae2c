# SPDX-License-Identifier: GPL-3.0-or-later
"""Dancing: a plan of figures and the dancer that follows it."""
