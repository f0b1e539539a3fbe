import CXGBoost
import Mathematics

/// What this project asks of XGBoost's C library; every handle is freed with its owner.
enum BoosterLibrary {
  static func check(_ status: Int32) throws(TreeTrainingError) {
    guard status != 0 else { return }
    throw .library(message(XGBGetLastError().map { String(cString: $0) } ?? "no reason given"))
  }

  /// The reason without the time, the source line and the stack.
  static func message(_ text: String) -> String {
    let line = text.split(separator: "\n").first.map(String.init) ?? text
    return line.split(separator: "Check failed: ").last.map(String.init) ?? line
  }
}

/// Rows in XGBoost's memory.
final class LibraryMatrix {
  let handle: DMatrixHandle

  init(_ examples: TreeExamples, workers: Int) throws(TreeTrainingError) {
    let features = examples.features
    var handle: DMatrixHandle?
    let status = features.values.withUnsafeBufferPointer { values in
      XGDMatrixCreateFromMat_omp(
        values.baseAddress, UInt64(features.rowCount), UInt64(features.columnCount), .nan, &handle, Int32(workers))
    }
    try BoosterLibrary.check(status)
    guard let handle else { throw .library("no matrix was made") }
    self.handle = handle
    try set("label", examples.labels)
    if let weights = examples.weights {
      // The library wants the weights of groups after the groups.
      if examples.groupSizes == nil { try set("weight", weights) }
    }
    if let groupSizes = examples.groupSizes {
      let sizes = groupSizes.map { UInt32($0) }
      try BoosterLibrary.check(
        sizes.withUnsafeBufferPointer { XGDMatrixSetUIntInfo(handle, "group", $0.baseAddress, UInt64($0.count)) })
      if let weights = examples.weights { try set("weight", weights) }
    }
    if let margins = examples.baseMargins { try set("base_margin", margins) }
  }

  private func set(_ field: String, _ values: [Float]) throws(TreeTrainingError) {
    try BoosterLibrary.check(
      values.withUnsafeBufferPointer { XGDMatrixSetFloatInfo(handle, field, $0.baseAddress, UInt64($0.count)) })
  }

  deinit { XGDMatrixFree(handle) }
}

/// A model that is being trained in XGBoost's memory.
final class LibraryBooster {
  private let handle: BoosterHandle
  /// Kept as long as the model, which caches what it says of them.
  private let matrices: [LibraryMatrix]

  init(_ matrices: [LibraryMatrix], parameters: [(name: String, value: String)]) throws(TreeTrainingError) {
    var handle: BoosterHandle?
    let handles = matrices.map { Optional($0.handle) }
    let status = handles.withUnsafeBufferPointer { XGBoosterCreate($0.baseAddress, UInt64($0.count), &handle) }
    try BoosterLibrary.check(status)
    guard let handle else { throw .library("no model was made") }
    self.handle = handle
    self.matrices = matrices
    for (name, value) in parameters { try BoosterLibrary.check(XGBoosterSetParam(handle, name, value)) }
  }

  /// Adds one tree.
  func update(round: Int, on matrix: LibraryMatrix) throws(TreeTrainingError) {
    try BoosterLibrary.check(XGBoosterUpdateOneIter(handle, Int32(round), matrix.handle))
  }

  enum Output: Int { case prediction = 0, margin = 1, contributions = 2 }

  /// What the library itself says of rows.
  func output(_ kind: Output, of matrix: LibraryMatrix) throws(TreeTrainingError) -> [Float] {
    let settings =
      #"{"type":\#(kind.rawValue),"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false}"#
    return try read { shape, dimensions, values in
      XGBoosterPredictFromDMatrix(handle, matrix.handle, settings, shape, dimensions, values)
    }
  }

  /// What the library says of rows that it reads where they are; infinite values are allowed.
  func output(_ kind: Output, inPlace rows: FloatMatrix) throws(TreeTrainingError) -> [Float] {
    let settings =
      #"{"type":\#(kind.rawValue),"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,"#
      + #""missing":NaN,"cache_id":0}"#
    var result: Result<[Float], TreeTrainingError> = .success([])
    rows.values.withUnsafeBufferPointer { values in
      let address = UInt(bitPattern: values.baseAddress)
      let array =
        #"{"data":[\#(address),true],"shape":[\#(rows.rowCount),\#(rows.columnCount)],"typestr":"<f4","version":3}"#
      result = Result { () throws(TreeTrainingError) in
        try read { shape, dimensions, values in
          XGBoosterPredictFromDense(handle, array, settings, nil, shape, dimensions, values)
        }
      }
    }
    return try result.get()
  }

  private func read(
    _ call: (
      UnsafeMutablePointer<UnsafePointer<UInt64>?>, UnsafeMutablePointer<UInt64>,
      UnsafeMutablePointer<UnsafePointer<Float>?>
    ) -> Int32
  ) throws(TreeTrainingError) -> [Float] {
    var shape: UnsafePointer<UInt64>?
    var dimensions: UInt64 = 0
    var values: UnsafePointer<Float>?
    try BoosterLibrary.check(call(&shape, &dimensions, &values))
    guard let shape, let values else { throw .library("no predictions were made") }
    let count = (0..<Int(dimensions)).reduce(1) { $0 * Int(shape[$1]) }
    return Array(UnsafeBufferPointer(start: values, count: count))
  }

  enum Encoding: String { case json, ubj }

  func model(as encoding: Encoding) throws(TreeTrainingError) -> [UInt8] {
    var length: UInt64 = 0
    var start: UnsafePointer<CChar>?
    try BoosterLibrary.check(
      XGBoosterSaveModelToBuffer(handle, #"{"format":"\#(encoding.rawValue)"}"#, &length, &start))
    return Array(UnsafeRawBufferPointer(start: start, count: Int(length)))
  }

  deinit { XGBoosterFree(handle) }
}
