import Foundation
import Mathematics
import Models

/// Seconds of a fit of EASE on pairs `user item` with numbers from 0: the median of some.
///
///     ease FILE --workers 2 --runs 3
var options: [String: Int] = [:]
let arguments = Array(CommandLine.arguments.dropFirst())
for (name, value) in zip(arguments, arguments.dropFirst()) where name.hasPrefix("--") { options[name] = Int(value) }
guard let path = arguments.first, let text = try? String(contentsOfFile: path, encoding: .utf8) else {
  FileHandle.standardError.write(Data("ease FILE [--workers 2] [--runs 3]\n".utf8))
  exit(2)
}
let cells = text.split(separator: "\n").compactMap { line -> SparseRows.Cell? in
  let fields = line.split(separator: "\t").compactMap { Int($0) }
  return fields.count < 2 ? nil : SparseRows.Cell(row: fields[0], column: fields[1])
}
let training = SparseRows(
  cells, rowCount: (cells.map(\.row).max() ?? -1) + 1, columnCount: (cells.map(\.column).max() ?? -1) + 1)
let clock = ContinuousClock()
var seconds: [Double] = []
for _ in 0..<(options["--runs"] ?? 3) {
  let began = clock.now
  _ = try EASE(training: training, workers: options["--workers"] ?? 2)
  seconds.append((clock.now - began) / .seconds(1))
}
print(String(format: "%.3f", seconds.sorted()[seconds.count / 2]))
