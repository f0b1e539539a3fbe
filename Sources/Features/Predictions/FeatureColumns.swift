public import Primitives
import Rules

/// How features become numbers for a learner: a number is itself, a text is one column for each of its frequent values, a map one
/// for each of its frequent keys. What is missing is NaN. A training and the server encode with the same code.
public struct FeatureColumns: Sendable, Hashable, BinaryCodable {
  /// Values of a text and keys of a map that get a column, the most frequent; and columns of all together.
  static let valuesMax = 8
  static let keysMax = 12
  public static let countMax = 400
  /// People in whose rows a value or key must occur: what one person alone has does not stand in a model.
  static let peopleMin = 10

  /// What a column holds of its feature.
  public enum Reading: Sendable, Hashable {
    case number
    /// 1 for this text, 0 for another.
    case isText(String)
    /// The map's number under this key; 0 where it has none.
    case key(String)
  }

  public struct Column: Sendable, Hashable {
    /// Place in `features`.
    public let feature: Int
    public let reading: Reading
  }

  /// What a feature was when the columns were made.
  public struct Feature: Sendable, Hashable {
    public let name: String
    /// Another when the feature means something else.
    public let fingerprint: UInt64
  }

  public let features: [Feature]
  public let columns: [Column]

  public var count: Int { columns.count }

  /// - Parameters:
  ///   - rows: What is learnt from; every feature of theirs gets its columns.
  ///   - people: Whose each row is; nil when each is another's.
  /// - Complexity: O(rows · features · keys).
  public init(learning rows: [FeatureValues], of set: FeatureSet, people: [ProfileID]? = nil) {
    precondition(people == nil || people?.count == rows.count)
    features = set.definitions.indices.map {
      Feature(name: set.definitions[$0].name, fingerprint: set.fingerprint(of: $0))
    }
    var columns: [Column] = []
    for (index, definition) in set.definitions.enumerated() {
      switch definition.valueType {
      case .int, .double, .bool: columns.append(Column(feature: index, reading: .number))
      case .string:
        let values = Self.frequent(rows, people, max: Self.valuesMax) { row in
          if case .string(let text) = row[index] { [text] } else { [] }
        }
        columns += values.map { Column(feature: index, reading: .isText($0)) }
      case .map:
        let keys = Self.frequent(rows, people, max: Self.keysMax) { row in
          if case .map(let entries) = row[index] { Array(entries.keys) } else { [] }
        }
        columns += keys.map { Column(feature: index, reading: .key($0)) }
      default: break
      }
    }
    self.columns = Array(columns.prefix(Self.countMax))
  }

  private static func frequent(
    _ rows: [FeatureValues], _ people: [ProfileID]?, max: Int, _ words: (FeatureValues) -> [String]
  ) -> [String] {
    var counts: [String: Int] = [:]
    // The first of them are enough to tell.
    var owners: [String: Set<ProfileID>] = [:]
    for (place, row) in rows.enumerated() {
      for word in words(row) {
        counts[word, default: 0] += 1
        guard let people, owners[word]?.count ?? 0 < peopleMin else { continue }
        owners[word, default: []].insert(people[place])
      }
    }
    return counts.filter { (people == nil ? $0.value : owners[$0.key]?.count ?? 0) >= peopleMin }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(max).map(\.key)
  }

  /// Where the features stand in a set; nil for those that it has not, or that mean something else in it.
  public func places(in set: FeatureSet) -> [Int?] {
    features.map { feature in
      set.index(of: feature.name).flatMap { set.fingerprint(of: $0) == feature.fingerprint ? $0 : nil }
    }
  }

  /// A person's numbers, one for each column.
  /// - Parameter places: As `places(in:)` gives them for the set of the values.
  public func row(of values: FeatureValues, at places: [Int?]) -> [Float] {
    columns.map { column in
      guard let place = places[column.feature], let value = values[place] else { return .nan }
      switch (column.reading, value) {
      case (.number, .int(let number)): return Float(number)
      case (.number, .double(let number)): return number.isFinite ? Float(number) : .nan
      case (.number, .bool(let flag)): return flag ? 1 : 0
      case (.isText(let text), .string(let found)): return text == found ? 1 : 0
      case (.key(let key), .map(let entries)): return Float(entries[key]?.number ?? 0)
      default: return .nan
      }
    }
  }

  // MARK: Coding

  public func encode(into writer: inout BinaryWriter) {
    writer.write(count: features.count)
    for feature in features {
      writer.write(string: feature.name)
      writer.write(word: feature.fingerprint)
    }
    writer.write(count: columns.count)
    for column in columns {
      writer.write(count: column.feature)
      switch column.reading {
      case .number: writer.write(byte: 0)
      case .isText(let text):
        writer.write(byte: 1)
        writer.write(string: text)
      case .key(let key):
        writer.write(byte: 2)
        writer.write(string: key)
      }
    }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    var features: [Feature] = []
    for _ in 0..<(try reader.readCount()) {
      features.append(Feature(name: try reader.readString(), fingerprint: try reader.readWord()))
    }
    var columns: [Column] = []
    for _ in 0..<(try reader.readCount()) {
      let feature = Int(clamping: try reader.readVarint())
      guard features.indices.contains(feature) else { throw BinaryError("a column of feature \(feature)") }
      let reading: Reading
      switch try reader.readByte() {
      case 0: reading = .number
      case 1: reading = .isText(try reader.readString())
      case 2: reading = .key(try reader.readString())
      case let other: throw BinaryError("a column of kind \(other)")
      }
      columns.append(Column(feature: feature, reading: reading))
    }
    (self.features, self.columns) = (features, columns)
  }
}

extension FeatureSet {
  private static let hash = StableHash(key0: 0x6665_6174_7572_6520, key1: 0x6D65_616E_696E_6773)

  /// Two features with the same fingerprint say the same of the same events, whatever they are called.
  func fingerprint(of index: Int) -> UInt64 {
    let definition = definitions[index]
    var parts = ["1", definition.type.rawValue, "\(definition.minEvents)", "\(definition.limit)"]
    parts.append("\(definition.window?.inMicroseconds ?? 0)/\(definition.within?.inMicroseconds ?? 0)")
    parts.append("\(definition.unit)")
    if let accumulator = readings[index].accumulator { parts.append(String(accumulators[accumulator].id)) }
    parts += self.parts[index].map { String(fingerprint(of: $0)) }
    if case .cases(let cases, let otherwise) = readings[index] {
      parts += cases.flatMap { [$0.value, $0.rule.source] } + [otherwise ?? ""]
    }
    return Self.hash.hash64(parts.joined(separator: "\u{1F}"))
  }
}
