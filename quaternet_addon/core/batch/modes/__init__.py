# SPDX-License-Identifier: GPL-3.0-or-later
"""What batches know of each mode: how a clip of it is made; one table of all."""
