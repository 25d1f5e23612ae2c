# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of "reach a pose": recordings, network, and how good it is."""
