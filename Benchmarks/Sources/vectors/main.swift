import Foundation
import Mathematics

// C4 and C5 over vectors of 64 numbers in files, which peers/vectors-pairs.sh writes. Says queries per second.

func matrix(_ path: String) -> FloatMatrix {
  guard let data = FileManager.default.contents(atPath: path) else { fatalError("cannot read \(path)") }
  let values = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  return FloatMatrix(rowCount: values.count / 64, columnCount: 64, values: values)
}

func rate(_ count: Int, _ work: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  let duration = try clock.measure(work)
  return Double(count) / (duration / .seconds(1))
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
guard arguments.count == 3 else {
  print("usage: vectors ROWS QUERIES")
  exit(2)
}
let (rows, queries) = (matrix(arguments[1]), matrix(arguments[2]))
let all = (0..<queries.rowCount).map { Array(queries[$0]) }
let exact = try ExactScan(rows)
let quantised = try QuantisedRows(rows)
let truth = try all.map { try exact.best(10, for: $0) }

for _ in 0..<7 {
  var found: [[RowScore]] = []
  say(
    "exact, one at a time, 1 thread",
    try rate(500) { for query in all.prefix(500) { _ = try exact.best(10, for: query) } })
  let single = try rate(all.count) { found = try all.map { try quantised.best(10, for: $0) } }
  say("bytes first, one at a time, 1 thread", single, recall(found, truth))
  let batched = try rate(all.count) { found = try quantised.best(10, for: queries, workers: 2) }
  say("bytes first, batched, 2 threads", batched, recall(found, truth))
}
