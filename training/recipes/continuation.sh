#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Continue Motion's network. Expected figures, seed and hours: README.md beside this file.
set -euo pipefail
data=$1 work=$2 output=$3
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
python -m training train continuation --data "$data" -o "$work" --set seed=0 --resume
python -m training export "$work" -o "$output" --half
python -m training.continuation.quality --data "$data" --model "$output" --write "$output"
