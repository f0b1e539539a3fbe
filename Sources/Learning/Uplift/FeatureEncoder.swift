public import Models

/// Turns columns of a table into numbers, as learnt from the rows that train.
///
/// Numbers stay; where some are missing a further column says so. Words become a column each, for at most 50 of them (the most
/// frequent; others, and words that the training did not have, are in none). Words that begin with numbers of their own, like
/// `1) $0 - $100`, are ordered by these and become one column.
public struct FeatureEncoder: Sendable {
  static let wordsMax = 50

  private enum Code: Sendable {
    case number(column: Int)
    case missing(column: Int)
    case word(column: Int, code: Int32)
    /// The number of each word.
    case order(column: Int, ranks: [Double])
  }

  private let codes: [Code]
  public let names: [String]

  public init(_ table: ExperimentTable, rows: [Int]) {
    var codes: [Code] = []
    var names: [String] = []
    for (place, column) in table.columns.enumerated() {
      switch column.content {
      case .numbers(let numbers):
        codes.append(.number(column: place))
        names.append(column.name)
        let missing = rows.count { numbers[$0].isNaN }
        if missing > 0, missing < rows.count {
          codes.append(.missing(column: place))
          names.append("\(column.name) missing")
        }
      case .words(let all, let words):
        if let ranks = Self.ranks(words) {
          codes.append(.order(column: place, ranks: ranks))
          names.append(column.name)
          continue
        }
        var counts = Array(repeating: 0, count: words.count)
        for row in rows where all[row] >= 0 { counts[Int(all[row])] += 1 }
        let frequent = words.indices.filter { counts[$0] > 0 }
          .sorted { counts[$0] == counts[$1] ? words[$0] < words[$1] : counts[$0] > counts[$1] }.prefix(Self.wordsMax)
        for word in frequent.sorted(by: { words[$0] < words[$1] }) {
          codes.append(.word(column: place, code: Int32(word)))
          names.append("\(column.name)=\(words[word])")
        }
      }
    }
    self.codes = codes
    self.names = names
  }

  public func encode(_ table: ExperimentTable, rows: [Int]) -> FeatureTable {
    var values = Array(repeating: 0.0, count: rows.count * codes.count)
    for (place, code) in codes.enumerated() {
      for (row, person) in rows.enumerated() {
        values[row * codes.count + place] = Self.value(code, table, person)
      }
    }
    return FeatureTable(names: names, rowCount: rows.count, values: values)
  }

  private static func value(_ code: Code, _ table: ExperimentTable, _ person: Int) -> Double {
    switch code {
    case .number(let column):
      guard case .numbers(let numbers) = table.columns[column].content else { return .nan }
      return numbers[person]
    case .missing(let column):
      guard case .numbers(let numbers) = table.columns[column].content else { return 1 }
      return numbers[person].isNaN ? 1 : 0
    case .word(let column, let code):
      guard case .words(let codes, _) = table.columns[column].content else { return 0 }
      return codes[person] == code ? 1 : 0
    case .order(let column, let ranks):
      guard case .words(let codes, _) = table.columns[column].content, codes[person] >= 0 else { return .nan }
      return ranks[Int(codes[person])]
    }
  }

  /// The whole numbers that words begin with, when each has one of its own and a sign after it.
  private static func ranks(_ words: [String]) -> [Double]? {
    guard words.count > 2 else { return nil }
    var ranks: [Double] = []
    for word in words {
      let digits = word.prefix { $0.isASCII && $0.isNumber }
      guard let rank = Int(digits), let next = word.dropFirst(digits.count).first, ").:-_ ".contains(next) else {
        return nil
      }
      ranks.append(Double(rank))
    }
    return Set(ranks).count == ranks.count ? ranks : nil
  }
}
