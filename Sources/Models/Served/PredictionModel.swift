public import Features
public import Mathematics
public import Primitives

/// What makes a probability of a person's features: trees, their calibration, and how features become columns.
public struct PredictionModel: Sendable, Hashable {
  public static let name = "prediction"
  static let snapshotVersion = 1

  /// `PredictionDefinition.question` that it was trained for.
  public let question: String
  public let columns: FeatureColumns
  public let trees: TreeEnsemble
  public let calibration: Calibrator
  /// Share of the moments learnt from whose label was true.
  public let baseRate: Double
  /// Places in `columns.features` of those that some split asks for, ascending.
  public let usedFeatures: [Int]
  private let explainer: TreeContributions

  /// - Precondition: the trees read as many features as there are columns.
  public init(
    question: String, columns: FeatureColumns, trees: TreeEnsemble, calibration: Calibrator, baseRate: Double
  ) {
    precondition(trees.featureCount == columns.count, "\(columns.count) columns for \(trees.featureCount) features")
    (self.question, self.columns, self.trees) = (question, columns, trees)
    (self.calibration, self.baseRate) = (calibration, baseRate)
    explainer = TreeContributions(trees)
    var used: Set<Int> = []
    for tree in trees.trees {
      for node in tree.nodes where !node.isLeaf { used.insert(columns.columns[Int(node.feature)].feature) }
    }
    usedFeatures = used.sorted()
  }

  /// The calibrated probability, in [0, 1].
  /// - Parameter row: As `FeatureColumns.row` makes it.
  public func probability(of row: [Float]) -> Double {
    calibration.calibrated(Double(trees.prediction(ofMargin: trees.margin(of: row[...]))))
  }

  /// What each column adds to the margin, which is the log-odds before calibration.
  public struct Contributions: Sendable, Hashable {
    /// The margin of somebody of whom nothing is known.
    public let bias: Double
    /// Shape `[columns]`; with the bias they sum to the margin.
    public let columns: [Double]
  }

  public func contributions(of row: [Float]) -> Contributions {
    Contributions(bias: explainer.bias, columns: explainer.contributions(to: row[...]))
  }

  // MARK: Snapshot

  public var snapshot: ModelSnapshot {
    var writer = BinaryWriter()
    writer.write(string: question)
    columns.encode(into: &writer)
    trees.encode(into: &writer)
    calibration.encode(into: &writer)
    writer.write(double: baseRate)
    return ModelSnapshot(kind: Self.name, contentVersion: Self.snapshotVersion, content: writer.bytes)
  }

  /// - Throws: `SnapshotRefusal` for what is damaged, of another kind, or of a later version.
  public init(snapshot bytes: [UInt8]) throws(SnapshotRefusal) {
    let snapshot = try ModelSnapshot(bytes, kind: Self.name, knownVersion: Self.snapshotVersion)
    do throws(BinaryError) {
      var reader = BinaryReader(snapshot.content)
      let question = try reader.readString()
      let columns = try FeatureColumns(from: &reader)
      let trees = try TreeEnsemble(from: &reader)
      let calibration = try Calibrator(from: &reader)
      let baseRate = try reader.readDouble()
      guard trees.featureCount == columns.count else {
        throw BinaryError("trees of \(trees.featureCount) features for \(columns.count) columns")
      }
      guard reader.isAtEnd else { throw BinaryError("\(reader.remaining) bytes after the model") }
      self.init(
        question: question, columns: columns, trees: trees, calibration: calibration, baseRate: baseRate)
    } catch {
      throw .content(error.description)
    }
  }
}

extension Calibrator: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    switch self {
    case .unchanged: writer.write(byte: 0)
    case .platt(let scaling):
      writer.write(byte: 1)
      writer.write(double: scaling.slope)
      writer.write(double: scaling.offset)
    case .isotonic(let steps, let margin):
      writer.write(byte: 2)
      writer.write(double: margin)
      writer.write(count: steps.points.count)
      for (point, value) in zip(steps.points, steps.values) {
        writer.write(double: point)
        writer.write(double: value)
      }
    }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    switch try reader.readByte() {
    case 0: self = .unchanged
    case 1: self = .platt(PlattScaling(slope: try reader.readDouble(), offset: try reader.readDouble()))
    case 2:
      let margin = try reader.readDouble()
      let count = try reader.readCount()
      guard count > 0 else { throw BinaryError("a calibration without steps") }
      var (points, values): ([Double], [Double]) = ([], [])
      for _ in 0..<count {
        points.append(try reader.readDouble())
        values.append(try reader.readDouble())
      }
      self = .isotonic(IsotonicRegression(points: points, values: values), margin: margin)
    case let other: throw BinaryError("a calibration of kind \(other)")
    }
  }
}
