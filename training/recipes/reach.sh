#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Reach Pose's network. Expected figures, seed and hours: README.md beside this file.
set -euo pipefail
data=$1 work=$2 output=$3
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
python -m training train reach --data "$data" -o "$work" --set seed=0 --resume
python -m training export "$work" -o "$output" --half
