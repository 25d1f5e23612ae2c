# SPDX-License-Identifier: GPL-3.0-or-later
"""F-curves with few keys."""
