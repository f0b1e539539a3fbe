import Mathematics

/// How the columns of a table become numbers: a number is one, a category one column for each of its values, 1 where the row
/// has it. Values are those of the rows that the encoding was made of; a value that came later is none of them. Where a
/// category is missing its columns are.
struct FeatureEncoding: Sendable, Hashable {
  /// Values of a category that have a column, the most frequent; the others share one.
  static let valuesMax = 64

  private enum Form: Hashable {
    case number
    /// Places of the values, and how many columns.
    case category([String: Int], count: Int)
  }

  private let forms: [Form]
  /// Which column of the table each encoded one belongs to.
  let owners: [Int]

  /// - Parameter rows: Those that are learnt from.
  init(of table: PropensityTable, rows: [Int]) {
    forms = table.columns.map { column in
      guard case .texts(let texts) = column else { return .number }
      var counts: [String: Int] = [:]
      for row in rows { if let text = texts[row] { counts[text, default: 0] += 1 } }
      // Of equals the first by name, so that the order of rows is no matter.
      let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
      let own = sorted.prefix(Self.valuesMax).sorted()
      var places = Dictionary(uniqueKeysWithValues: own.enumerated().map { ($0.element, $0.offset) })
      for rare in sorted.dropFirst(Self.valuesMax) { places[rare] = own.count }
      return .category(places, count: own.count + (sorted.count > own.count ? 1 : 0))
    }
    owners = forms.enumerated().flatMap { place, form in
      if case .category(_, let count) = form { return Array(repeating: place, count: count) }
      return [place]
    }
  }

  /// Shape `[rows.count, owners.count]`.
  func matrix(of table: PropensityTable, rows: [Int]) -> FloatMatrix {
    var values: [Float] = []
    values.reserveCapacity(rows.count * owners.count)
    for row in rows {
      for (form, column) in zip(forms, table.columns) {
        switch (form, column) {
        case (.number, .numbers(let numbers)): values.append(numbers[row])
        case (.category(let places, let count), .texts(let texts)):
          guard let text = texts[row] else {
            values += Array(repeating: .nan, count: count)
            continue
          }
          let own = places[text]
          for place in 0..<count { values.append(place == own ? 1 : 0) }
        default: preconditionFailure("another table's encoding")
        }
      }
    }
    return FloatMatrix(rowCount: rows.count, columnCount: owners.count, values: values)
  }

  /// Amounts of encoded columns as those of the table's.
  func gathered(_ amounts: [Double]) -> [Double] {
    var sums = Array(repeating: 0.0, count: forms.count)
    for (amount, owner) in zip(amounts, owners) { sums[owner] += amount }
    return sums
  }
}
