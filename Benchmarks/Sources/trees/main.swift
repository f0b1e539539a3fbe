import CXGBoost
import Foundation
import Mathematics
import Models

/// Boosted trees: predictions of this project beside those of XGBoost's C library in the same process, one thread each, in
/// alternating pairs; refuses to report when one number differs in one bit.
///
///     trees [encoded_features.csv] [--trees 200] [--depth 3] [--batch 200] [--pairs 7] [--missing 0]
///
/// Without a file the rows are random. `--missing 10` takes that many of a hundred values away.
var options: [String: Int] = [:]
let arguments = Array(CommandLine.arguments.dropFirst())
for (name, value) in zip(arguments, arguments.dropFirst()) where name.hasPrefix("--") { options[name] = Int(value) }

func check(_ status: Int32) {
  guard status != 0 else { return }
  FileHandle.standardError.write(Data("XGBoost: \(String(cString: XGBGetLastError()))\n".utf8))
  exit(1)
}

var random = UInt64(7)
@MainActor func draw() -> Float {
  random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
  return Float(random >> 40) / Float(1 << 24)
}

// MARK: Rows

var width = 45
var values: [Float] = []
var labels: [Float] = []
if let path = arguments.first, !path.hasPrefix("--") {
  guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
    FileHandle.standardError.write(Data("cannot read \(path)\n".utf8))
    exit(1)
  }
  for line in text.split(separator: "\n").dropFirst() {
    let cells = line.split(separator: ",").map { Float($0) ?? .nan }
    labels.append(cells[1])
    values += cells.dropFirst(2)
    width = cells.count - 2
  }
} else {
  for _ in 0..<7_000 {
    let row = (0..<width).map { $0 < 4 ? draw() : (draw() < 0.4 ? 1 : 0) }
    values += row
    labels.append(draw() < 0.2 + 0.4 * row[0] * row[5] + 0.2 * row[9] ? 1 : 0)
  }
}
let missing = Float(options["--missing"] ?? 0) / 100
if missing > 0 { values = values.map { draw() < missing ? .nan : $0 } }
let rowCount = labels.count

// MARK: The library's model

var matrix: DMatrixHandle?
check(XGDMatrixCreateFromMat(values, UInt64(rowCount), UInt64(width), .nan, &matrix))
check(XGDMatrixSetFloatInfo(matrix, "label", labels, UInt64(rowCount)))
var booster: BoosterHandle?
var matrices = [matrix]
check(XGBoosterCreate(&matrices, 1, &booster))
for (name, value) in [
  ("objective", "binary:logistic"), ("max_depth", "\(options["--depth"] ?? 3)"), ("eta", "0.05"),
  ("min_child_weight", "5"), ("tree_method", "hist"), ("nthread", "1"), ("verbosity", "0"), ("base_score", "0.5"),
] { check(XGBoosterSetParam(booster, name, value)) }
let trainingStart = processorSeconds()
for round in 0..<(options["--trees"] ?? 200) { check(XGBoosterUpdateOneIter(booster, Int32(round), matrix)) }
let trainingSeconds = processorSeconds() - trainingStart
var length: UInt64 = 0
var start: UnsafePointer<CChar>?
check(XGBoosterSaveModelToBuffer(booster, #"{"format":"ubj"}"#, &length, &start))
let ensemble = try TreeEnsemble(xgboostModel: Array(UnsafeRawBufferPointer(start: start, count: Int(length))))

// MARK: Batches

let batch = min(options["--batch"] ?? 200, rowCount)
let batches = stride(from: 0, through: rowCount - batch, by: batch).map { first in
  FloatMatrix(
    rowCount: batch, columnCount: width, values: Array(values[first * width..<(first + batch) * width]))
}
let settings =
  #"{"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,"missing":NaN,"cache_id":0}"#

@MainActor func library(_ rows: FloatMatrix) -> [Float] {
  rows.values.withUnsafeBufferPointer { buffer in
    let address = UInt(bitPattern: buffer.baseAddress)
    let array = #"{"data":[\#(address),true],"shape":[\#(rows.rowCount),\#(width)],"typestr":"<f4","version":3}"#
    var shape: UnsafePointer<UInt64>?
    var dimensions: UInt64 = 0
    var output: UnsafePointer<Float>?
    check(XGBoosterPredictFromDense(booster, array, settings, nil, &shape, &dimensions, &output))
    return Array(UnsafeBufferPointer(start: output, count: rows.rowCount))
  }
}

/// This thread's seconds on a processor: what others do meanwhile counts for little.
func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Rows in a second of this thread, over passes of at least a third of one.
@MainActor func rate(_ predict: (FloatMatrix) -> [Float]) -> Double {
  let start = processorSeconds()
  var rows = 0
  repeat {
    for batch in batches { rows += predict(batch).count }
  } while processorSeconds() - start < 0.3
  return Double(rows) / (processorSeconds() - start)
}

for rows in batches {
  let (ours, theirs) = (ensemble.predictions(of: rows), library(rows))
  guard ours.map(\.bitPattern) == theirs.map(\.bitPattern) else {
    FileHandle.standardError.write(Data("the predictions differ\n".utf8))
    exit(1)
  }
}
var rates: [(ours: Double, theirs: Double)] = []
for _ in 0..<(options["--pairs"] ?? 7) { rates.append((rate { ensemble.predictions(of: $0) }, rate(library))) }
func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
let contributions = TreeContributions(ensemble)
let shapRate = rate { rows in contributions.contributions(to: rows).map { Float($0[0]) } }
print("\(batches.count) batches of \(batch) rows equal to the bit")
print(
  String(
    format: "ours %.0f rows/s, library %.0f rows/s, median of ratios %.2f, training %.3f s, TreeSHAP %.0f rows/s",
    median(rates.map(\.ours)), median(rates.map(\.theirs)), median(rates.map { $0.ours / $0.theirs }),
    trainingSeconds, shapRate))
