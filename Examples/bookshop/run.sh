#!/usr/bin/env bash
# Imports the bookshop, asks what to show one reader, and says why.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
attune=${ATTUNE:-$here/../../attune}
data=${1:-$here/data}

"$attune" check "$here/definitions"
"$attune" keys create --scopes admin --data "$data" >/dev/null
"$attune" apply "$here/definitions" --data "$data"
"$attune" import "$here/items.jsonl" --items --data "$data"
"$attune" import "$here/events.jsonl" --data "$data"

answer=$("$attune" decide --user ada --json --data "$data")
echo "$answer"
"$attune" explain "$(grep -o 'd_[0-9A-Z]*' <<<"$answer" | head -1)" --data "$data"
