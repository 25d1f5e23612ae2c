#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The short-term benchmark on the CMU split, five trainings; the first one's file is the output.
# Expected figures, seeds and hours: README.md beside this file.
set -euo pipefail
data=$1 work=$2 output=$3
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
mkdir -p "$work"
python -m training prepare cmu-expmap "$data" -o "$work/cmu.npz"
for seed in 0 1 2 3 4; do
  python -m training train short-term --data "$work/cmu.npz" -o "$work/$seed" --set "seed=$seed" --resume
  python -m training export "$work/$seed" -o "$work/$seed.npz"
  for windows in 8 256; do
    python -m training evaluate short-term --data "$work/cmu.npz" --model "$work/$seed.npz" --seeds $windows --json "$work/$seed.of_$windows.json"
  done
done
for windows in 8 256; do python -m training.measure.spread "$work"/?.of_$windows.json; done
cp "$work/0.npz" "$output"
