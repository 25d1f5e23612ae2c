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
  python -m training evaluate short-term --data "$work/cmu.npz" --model "$work/$seed.npz" --seeds 8 --json "$work/$seed.of_8.json"
  python -m training evaluate short-term --data "$work/cmu.npz" --model "$work/$seed.npz" --seeds 256 --json "$work/$seed.of_256.json"
done
python -m training.measure.spread "$work"/?.of_8.json
python -m training.measure.spread "$work"/?.of_256.json
cp "$work/0.npz" "$output"
