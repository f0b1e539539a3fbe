#!/usr/bin/env bash
# What growth costs: A4 (catalogue), A5 (memory), A6 (restart), A8 (events and people).
#
#   ATTUNE=.build/release/attune LOAD=Benchmarks/.build/release/load Benchmarks/growth.sh catalogue 1000000
#   ATTUNE=… LOAD=… Benchmarks/growth.sh log 11          # that many times 20 s of ingest, one million users
set -euo pipefail

port=8391
key=benchmark-benchmark-benchmark
data=$(mktemp -d)
url=http://127.0.0.1:$port
server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null; rm -rf "$data"' EXIT

start() {
  ATTUNE_ADMIN_KEY=$key "$ATTUNE" serve --data "$data" --port $port "$@" >"$data.log" 2>&1 &
  server=$!
  local begin; begin=$(date +%s.%N)
  until [ "$(curl -s -o /dev/null -w '%{http_code}' $url/readyz)" = 200 ]; do sleep 0.05; done
  echo "ready after $(echo "$(date +%s.%N) - $begin" | bc) s"
}
stop() { kill "$1" "$server"; wait "$server" 2>/dev/null || true; server=; }
metric() { curl -s -H "Authorization: Bearer $key" $url/metrics | awk -v name="attune_$1" 'index($1, name) == 1 {print int($2)}'; }
memory() { grep VmRSS "/proc/$server/status"; }
load() { "$LOAD" "$@" --url $url --key $key | grep -E '^(requests_per_second|events_per_second|p50|p99|errors)' | paste -sd ' '; }

case $1 in
catalogue)
  start
  load ingest --rate max --seconds 8 --warmup 0 --items "$2"
  for model in untrained trained; do
    load decide --no-prepare --candidates 0 --rate 1000 --seconds 8 --items "$2"
    load decide --no-prepare --candidates 0 --rate max --seconds 6 --items "$2"
    if [ $model = untrained ]; then "$ATTUNE" train --server $url --key $key --memory 4GB | head -1; fi
  done
  memory
  stop -TERM
  start
  ;;
log)
  start
  load ingest --rate max --seconds 2 --warmup 0 --users 1000000
  for round in $(seq "$2"); do
    load ingest --rate max --seconds 20 --warmup 0 --no-prepare --users 1000000 --seed $((round + 10))
    echo "log $(metric log_end_position), profiles $(metric profiles_in_memory), $(memory)"
  done
  for signal in -TERM -KILL; do
    stop $signal
    start
    people=0
    until now=$(metric profiles_in_memory) && [ "$now" -gt 0 ] && [ "$now" = "$people" ]; do people=$now; sleep 1; done
    echo "all of $people profiles in memory; $(memory)"
  done
  load decide --rate 1000 --no-prepare --seconds 8 --users 1000000
  load decide --rate max --no-prepare --seconds 8 --users 1000000
  stop -TERM
  start --profiles-in-memory 200000
  load decide --rate 1000 --no-prepare --seconds 8 --users 1000000
  echo "bounded: profiles $(metric profiles_in_memory), $(memory)"
  ;;
esac
