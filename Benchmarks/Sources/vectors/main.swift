import Foundation
import Mathematics

// C4 and C5 over vectors of 64 numbers in files, which peers/vectors-pairs.sh writes. Says queries per second of
// processor time.

func matrix(_ path: String) -> FloatMatrix {
  guard let data = FileManager.default.contents(atPath: path) else { fatalError("cannot read \(path)") }
  let values = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  return FloatMatrix(rowCount: values.count / 64, columnCount: 64, values: values)
}

/// Seconds of processor time, which a busy machine blurs less than those of the clock.
func processorTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

func rate(_ count: Int, threads: Double = 1, _ work: () throws -> Void) rethrows -> Double {
  let began = processorTime()
  try work()
  return Double(count) / (processorTime() - began) * threads
}

func recall(_ found: [[RowScore]], _ truth: [[RowScore]]) -> Double {
  let shares = zip(found, truth).map { found, truth in
    Double(Set(found.map(\.row)).intersection(truth.map(\.row)).count) / Double(max(1, truth.count))
  }
  return shares.reduce(0, +) / Double(max(1, shares.count))
}

func say(_ what: String, _ rate: Double, _ recall: Double? = nil) {
  let text = String(format: "%.0f/s", rate)
  print("\(what): \(text)" + (recall.map { String(format: ", recall %.4f", $0) } ?? ""))
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let rounds = Int(arguments[3]) else {
  print("usage: vectors ROWS QUERIES ROUNDS")
  exit(2)
}
let (rows, queries) = (matrix(arguments[1]), matrix(arguments[2]))
let all = (0..<queries.rowCount).map { Array(queries[$0]) }
let exact = try ExactScan(rows)
let quantised = try QuantisedRows(rows)
let truth = try all.map { try exact.best(10, for: $0) }
let began = processorTime()
var index = try VectorIndex(rows)
print(String(format: "graph built in %.1f s", processorTime() - began))
let kept = RowSet(stride(from: 3, to: rows.rowCount, by: 10), rowCount: rows.rowCount)
let keptTruth = try all.map { try exact.best(10, for: $0, among: kept) }

for _ in 0..<rounds {
  var found: [[RowScore]] = []
  say(
    "exact, one at a time, 1 thread",
    try rate(500) { for query in all.prefix(500) { _ = try exact.best(10, for: query) } })
  let single = try rate(all.count) { found = try all.map { try quantised.best(10, for: $0) } }
  say("bytes first, one at a time, 1 thread", single, recall(found, truth))
  let batched = try rate(all.count, threads: 2) {
    found = try quantised.best(10, for: queries, workers: 2)
  }
  say("bytes first, batched, 2 threads", batched, recall(found, truth))
  for effort in [16, 17, 32] {
    index.effort = effort
    let rate = try rate(all.count) { found = try all.map { try index.best(10, for: $0) } }
    say("graph, ef \(effort), 1 thread", rate, recall(found, truth))
  }
  let filtered = try rate(all.count) { found = try all.map { try index.best(10, for: $0, among: kept) } }
  say("graph or bytes, a tenth kept, 1 thread", filtered, recall(found, keptTruth))
}
