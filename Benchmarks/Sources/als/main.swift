import Foundation
import Mathematics
import Models

/// Seconds for each epoch of iALS on pairs `user item` with numbers from 0.
///
///     als FILE --dimensions 64 --epochs 8 --workers 2 --steps 3     # without --steps exactly
var options: [String: Int] = [:]
let arguments = Array(CommandLine.arguments.dropFirst())
for (name, value) in zip(arguments, arguments.dropFirst()) where name.hasPrefix("--") { options[name] = Int(value) }
guard let path = arguments.first, let text = try? String(contentsOfFile: path, encoding: .utf8) else {
  FileHandle.standardError.write(Data("als FILE [--dimensions 64] [--epochs 8] [--workers 2] [--steps 3]\n".utf8))
  exit(2)
}
let cells = text.split(separator: "\n").compactMap { line -> SparseRows.Cell? in
  let fields = line.split(separator: "\t").compactMap { Int($0) }
  return fields.count < 2 ? nil : SparseRows.Cell(row: fields[0], column: fields[1])
}
let training = SparseRows(
  cells, rowCount: (cells.map(\.row).max() ?? -1) + 1, columnCount: (cells.map(\.column).max() ?? -1) + 1)
var settings = ImplicitALS.Settings()
settings.dimensions = options["--dimensions"] ?? 64
settings.epochs = options["--epochs"] ?? 8
if let steps = options["--steps"] { settings.solver = .conjugateGradient(steps: steps) }
let clock = ContinuousClock()
var last = clock.now
var seconds: [Double] = []
_ = try ImplicitALS(training: training, settings: settings, workers: options["--workers"] ?? 2) { _ in
  let now = clock.now
  seconds.append((now - last) / .seconds(1))
  last = now
  return .proceed
}
print(String(format: "%.4f", seconds.sorted()[seconds.count / 2]))
