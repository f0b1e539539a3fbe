#!/usr/bin/env bash
# C1: seconds per iteration of iALS beside implicit's, in alternating pairs: als-pairs.sh FILE [PAIRS].
# Wants `swift build -c release --product als` in Benchmarks and a PYTHON with implicit, scipy and threadpoolctl.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${PYTHON:-python3}
for pair in $(seq "${2:-7}"); do
  for factors in 64 128; do
    own=$("$here/../.build/release/als" "$1" --dimensions $factors --epochs 8)
    steps=$("$here/../.build/release/als" "$1" --dimensions $factors --epochs 8 --steps 3)
    peer=$("$python" "$here/implicit_als.py" "$1" $factors cg 8)
    slow=$("$python" "$here/implicit_als.py" "$1" $factors cholesky 3)
    echo "pair $pair factors $factors exact $own cg $steps implicit-cg $peer implicit-cholesky $slow load $(cut -d' ' -f1 /proc/loadavg)"
  done
done
