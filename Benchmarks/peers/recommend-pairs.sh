#!/usr/bin/env bash
# C3: users a second beside implicit's, in alternating pairs: recommend-pairs.sh FILE [PAIRS].
# Wants `swift build -c release --product recommend` in Benchmarks and a PYTHON with implicit, scipy and threadpoolctl.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for pair in $(seq "${2:-7}"); do
  own=$("$here/../.build/release/recommend" "$1" --dimensions 64)
  peer=$("${PYTHON:-python3}" "$here/implicit_recommend.py" "$1" 64 9)
  echo "pair $pair ours $own implicit $peer load $(cut -d' ' -f1 /proc/loadavg)"
done
