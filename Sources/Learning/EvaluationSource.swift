import Documents
import Primitives

/// A data set in one of the formats that models are compared on.
public enum EvaluationSource: Sendable, Hashable {
  /// Leave-one-out with given negatives (He et al., *Neural collaborative filtering*, WWW 2017). Training: `user item …` a
  /// line, further fields ignored. Negatives: `(user,item)`, then the items to rank among. Validation: `user item`, then
  /// the items; made from the training when there is none.
  case ncf(train: String, negatives: String, validation: String?)
  /// `user item` a line, each user's in order of time. The last item is the test, among all that the user has not had.
  case sequences(data: String)
  /// A session a line. Tests: items, a tab, the item that came next, among all items.
  case sessions(train: String, test: String)
  /// A table with a header, split by time.
  case csv(data: String, columns: CSVColumns, split: CSVSplit)

  /// What of a table is the test.
  public enum CSVSplit: Sendable, Hashable {
    /// The first share of the rows by time is the training; the test is what the people of the training came to afterwards,
    /// among all that they had not had.
    case temporal(Double)
    /// Each person's last item, among all that they had not had.
    case last
  }

  public struct CSVColumns: Sendable, Hashable {
    public let user: String
    public let item: String
    public let time: String
    /// Categories of the row's item, parted by `|`; nil when the table has none.
    public let category: String?

    public init(user: String, item: String, time: String, category: String? = nil) {
      self.user = user
      self.item = item
      self.time = time
      self.category = category
    }
  }

  /// - Parameter seed: Of what a validation draws by chance.
  /// - Throws: `DocumentError` with file, line and column of what cannot be read.
  public func load(seed: UInt64 = 0) throws -> EvaluationSet {
    switch self {
    case .ncf(let train, let negatives, let validation):
      try NCFReader(train: train, negatives: negatives, validation: validation).load(seed: seed)
    case .sequences(let data): try SequencesReader(data: data).load()
    case .sessions(let train, let test): try SessionsReader(train: train, test: test).load()
    case .csv(let data, let columns, let split): try TableReader(data: data, columns: columns, split: split).load()
    }
  }
}

/// Times for data that has none.
enum MadeUpTime {
  /// Any moment does.
  private static let start = Timestamp(seconds: 1_767_225_600)

  /// - Parameters:
  ///   - sequence: Sequences begin one second apart when they are in order of time, else all at once (0).
  ///   - position: Acts of a sequence are a minute apart when they are in order, else all at once (0).
  static func of(sequence: Int = 0, position: Int = 0) -> Timestamp {
    Timestamp(microseconds: start.microseconds + Int64(sequence) * 1_000_000 + Int64(position) * 60_000_000)
  }
}

func emptyFile(_ path: String, _ expected: String) -> DocumentError {
  DocumentError(at: SourceLocation(file: path, line: 1, column: 1), "the file is empty, expected \(expected)")
}
