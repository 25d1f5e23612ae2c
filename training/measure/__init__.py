# SPDX-License-Identifier: GPL-3.0-or-later
"""What is judged and how fast it is."""
