#!/usr/bin/env bash
# C2: seconds of a fit of EASE beside numpy's, in alternating pairs: ease-pairs.sh FILE [PAIRS].
# Wants `swift build -c release --product ease` in Benchmarks and a PYTHON with numpy, scipy and threadpoolctl.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for pair in $(seq "${2:-7}"); do
  own=$("$here/../.build/release/ease" "$1" --runs 1)
  peer=$("${PYTHON:-python3}" "$here/numpy_ease.py" "$1" 1)
  echo "pair $pair ours $own numpy $peer load $(cut -d' ' -f1 /proc/loadavg)"
done
