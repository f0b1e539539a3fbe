#!/usr/bin/env bash
# C4 and C5: faiss and ours in turn over the same vectors, three times.
#
#   PYTHON=venv/bin/python VECTORS=.build/release/vectors peers/vectors-pairs.sh
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
graph=
for round in 1 2 3; do
  echo "round $round, load $(cut -d' ' -f1 /proc/loadavg)"
  "$PYTHON" "$(dirname "$0")/faiss_vectors.py" "$folder" $graph
  graph=$folder/graph.faiss
  "$VECTORS" "$folder/rows.f32" "$folder/queries.f32" 2
done
