# SPDX-License-Identifier: GPL-3.0-or-later
"""Training, evaluation and export of the models that the add-on runs; never imported by it."""
