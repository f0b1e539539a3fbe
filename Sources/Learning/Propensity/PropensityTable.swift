import Documents
import Foundation
import Mathematics

/// A table of people with what is known of them and what they did: a CSV file with a header.
///
/// A column whose every value is a number is one; any other is a category. An empty field is missing.
public struct PropensityTable: Sendable, Hashable {
  public enum Column: Sendable, Hashable {
    /// What is missing is not a number.
    case numbers([Float])
    case texts([String?])
  }

  /// What to read of the file.
  public struct Request: Sendable, Hashable {
    public var label: String
    public var fold: String?
    /// Columns to learn from; nil for all others.
    public var features: [String]?

    public init(label: String, fold: String? = nil, features: [String]? = nil) {
      (self.label, self.fold, self.features) = (label, fold, features)
    }
  }

  /// A text column with more different values than this, and than half of the rows has, is a name rather than a category.
  static let namesMin = 50
  /// Fields that are kept in memory at most.
  static let fieldsMax = 1 << 28

  public let names: [String]
  public let columns: [Column]
  /// 0 or 1.
  public let labels: [Float]
  /// Which of `foldNames` each row belongs to.
  public let folds: [Int]?
  public let foldNames: [String]
  /// Columns that are no features, each with the reason.
  public let leftOut: [String: String]
  /// Rows that are the same as one before them in everything, the label included.
  public let duplicateCount: Int

  public var rowCount: Int { labels.count }

  /// - Throws: `DocumentError` with file, line and what is wrong there.
  public init(path: String, request: Request) throws {
    var reader: DelimitedReader
    do {
      reader = try DelimitedReader(path: path)
    } catch let error as DocumentError {
      throw error
    } catch {
      throw Self.error(path, 1, "the file cannot be read: \(error.localizedDescription)")
    }
    guard !reader.columns.isEmpty else { throw emptyFile(path, "a header") }
    let header = reader.columns
    func place(_ name: String) throws -> Int {
      if let place = header.firstIndex(of: name) { return place }
      throw DocumentError(
        at: SourceLocation(file: path, line: 1, column: 1),
        "found no column '\(name)' among \(header.prefix(20).joined(separator: ", "))",
        suggestion: nearestWord(to: name, among: header))
    }
    let labelPlace = try place(request.label)
    let foldPlace = try request.fold.map(place)
    guard foldPlace != labelPlace else { throw Self.error(path, 1, "the label and the fold are one column") }
    let places =
      try request.features.map { try $0.map(place) } ?? header.indices.filter { $0 != labelPlace && $0 != foldPlace }
    if places.contains(labelPlace) { throw Self.error(path, 1, "the label '\(request.label)' is among the features") }
    guard Set(places).count == places.count else { throw Self.error(path, 1, "a feature is named twice") }
    var fields = Array(repeating: [String](), count: places.count)
    var labels: [Float] = []
    var foldTexts: [String] = []
    var seen: Set<[UInt8]> = []
    var duplicateCount = 0
    while let outcome = try reader.next() {
      switch outcome {
      case .bad(let bad): throw Self.error(path, bad.position.line, bad.reason)
      case .row(let row):
        guard let label = Self.label(row[labelPlace] ?? "") else {
          throw Self.error(
            path, row.position.line,
            "found '\((row[labelPlace] ?? "").prefix(40))' as the label '\(request.label)', expected 0 or 1, "
              + "true or false, yes or no")
        }
        labels.append(label)
        if let foldPlace { foldTexts.append(row[foldPlace] ?? "") }
        for (column, place) in places.enumerated() { fields[column].append(row[place] ?? "") }
        if !seen.insert(row.rawBytes).inserted { duplicateCount += 1 }
        guard labels.count * max(1, places.count) <= Self.fieldsMax else {
          throw Self.error(
            path, row.position.line, "found more than \(Self.fieldsMax) fields; take fewer rows or columns")
        }
      }
    }
    guard !labels.isEmpty else { throw Self.error(path, 2, "found no rows after the header") }
    var names: [String] = []
    var columns: [Column] = []
    var leftOut: [String: String] = [:]
    for (column, place) in places.enumerated() {
      switch try Self.column(fields[column], named: header[place], path: path) {
      case .column(let values):
        names.append(header[place])
        columns.append(values)
      case .noFeature(let reason):
        if request.features != nil {
          throw Self.error(path, 1, "the column '\(header[place])' is no feature: \(reason)")
        }
        leftOut[header[place]] = reason
      }
      fields[column] = []
    }
    (self.names, self.columns, self.labels, self.leftOut) = (names, columns, labels, leftOut)
    self.duplicateCount = duplicateCount
    foldNames = foldPlace == nil ? [] : Set(foldTexts).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: foldNames.enumerated().map { ($0.element, $0.offset) })
    folds = foldPlace == nil ? nil : foldTexts.compactMap { numbers[$0] }
    if foldPlace != nil, foldNames.count < 2 {
      throw Self.error(path, 1, "every row is in the fold '\(foldNames.first ?? "")', expected at least 2 folds")
    }
  }

  private enum Reading {
    case column(Column)
    case noFeature(String)
  }

  private static func column(_ texts: [String], named name: String, path: String) throws -> Reading {
    let numbers = texts.map { $0.isEmpty ? Float.nan : number($0) }
    if !numbers.contains(where: { $0 == nil }) {
      if let row = numbers.firstIndex(where: { $0?.isInfinite == true }) {
        throw error(path, row + 2, "'\(texts[row])' in the column '\(name)' is too large, expected a number below 3e38")
      }
      let values = numbers.compactMap { $0 }
      return values.allSatisfy(\.isNaN) ? .noFeature("it is empty") : .column(.numbers(values))
    }
    let kinds = Set(texts).subtracting([""])
    guard kinds.count <= max(namesMin, texts.count / 2) else {
      return .noFeature("\(kinds.count) different texts in \(texts.count) rows are names rather than categories")
    }
    return .column(.texts(texts.map { $0.isEmpty ? nil : $0 }))
  }

  /// nil of what is no number; blanks around it count for nothing, and blanks alone are missing.
  private static func number(_ text: String) -> Float? {
    let trimmed = text.trimmingCharacters(in: .whitespaces)
    guard !trimmed.isEmpty else { return .nan }
    switch trimmed.lowercased() {
    case "nan", "na", "null": return .nan
    default:
      // No hexadecimal numbers, no words.
      guard trimmed.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }) else { return nil }
      return Float(trimmed)
    }
  }

  static func label(_ text: String) -> Float? {
    switch text.trimmingCharacters(in: .whitespaces).lowercased() {
    case "true", "yes": 1
    case "false", "no": 0
    case let text: Float(text).flatMap { $0 == 0 || $0 == 1 ? $0 : nil }
    }
  }

  private static func error(_ path: String, _ line: Int, _ message: String) -> DocumentError {
    DocumentError(at: SourceLocation(file: path, line: line, column: 1), message)
  }
}
