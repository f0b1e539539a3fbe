import Foundation
import Mathematics
import Models

/// Users a second that are given their ten best items, those that they have struck out, by iALS on pairs `user item` with
/// numbers from 0: the median of some runs.
///
///     recommend FILE --dimensions 64 --workers 2 --runs 9
var options: [String: Int] = [:]
let arguments = Array(CommandLine.arguments.dropFirst())
for (name, value) in zip(arguments, arguments.dropFirst()) where name.hasPrefix("--") { options[name] = Int(value) }
guard let path = arguments.first, let text = try? String(contentsOfFile: path, encoding: .utf8) else {
  FileHandle.standardError.write(Data("recommend FILE [--dimensions 64] [--workers 2] [--runs 9]\n".utf8))
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
settings.epochs = 2
settings.solver = .conjugateGradient(steps: 3)
let workers = options["--workers"] ?? 2
let model = try ImplicitALS(training: training, settings: settings, workers: workers)
let scan = BatchedScan(model.items)
let clock = ContinuousClock()
let seconds = (0..<(options["--runs"] ?? 9)).map { _ in
  let began = clock.now
  let found = scan.best(10, for: model.people, except: training, workers: workers)
  precondition(found.count == training.rowCount)
  return (clock.now - began) / .seconds(1)
}
print(Int(Double(training.rowCount) / seconds.sorted()[seconds.count / 2]))
