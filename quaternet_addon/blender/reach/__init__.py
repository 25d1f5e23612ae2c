# SPDX-License-Identifier: GPL-3.0-or-later
"""Going over into poses that are keyed ahead."""
