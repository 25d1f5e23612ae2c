# SPDX-License-Identifier: GPL-3.0-or-later
"""Job files, clips, manifests and the command that makes them."""
