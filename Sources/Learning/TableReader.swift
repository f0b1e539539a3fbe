import Documents
import Foundation
import Primitives

struct TableReader {
  private struct Row {
    let person: UInt32
    let item: UInt32
    let time: Timestamp
  }

  let data: String
  let columns: EvaluationSource.CSVColumns
  let split: EvaluationSource.CSVSplit

  func load() throws -> EvaluationSet {
    var people = Numbering()
    var items = Numbering()
    var categories = ItemCategories()
    var rows = try self.rows(people: &people, items: &items, categories: &categories)
    guard !rows.isEmpty else {
      throw DocumentError(at: SourceLocation(file: data, line: 2, column: 1), "found no rows after the header")
    }
    // Stable, so that rows of one moment stay in the file's order.
    let order = rows.indices.sorted { (rows[$0].time, $0) < (rows[$1].time, $1) }
    rows = order.map { rows[$0] }
    var sequences = Array(repeating: ActSequence(), count: people.count)
    for row in rows {
      sequences[Int(row.person)].items.append(row.item)
      sequences[Int(row.person)].times.append(row.time)
    }
    let all = TrainingData(itemCount: items.count, sequences: sequences)
    guard let test = task(of: all), let validation = task(of: test.training) else {
      let reason =
        switch split {
        case .temporal(let share):
          "nobody of the first \(share) of the rows came to anything new in the rest; try another --split"
        case .last: "nobody has the three items that training, validation and test need"
        }
      throw DocumentError(at: SourceLocation(file: data, line: 1, column: 1), reason)
    }
    var set = EvaluationSet(test: test, validation: validation)
    if columns.category != nil { set.categories = categories }
    return set
  }

  private func task(of all: TrainingData) -> EvaluationTask? {
    switch split {
    case .temporal(let share): ValidationSplit.temporal(all, share: share)
    case .last: ValidationSplit.lastOut(of: all)
    }
  }

  private func rows(
    people: inout Numbering, items: inout Numbering, categories: inout ItemCategories
  ) throws -> [Row] {
    var reader: DelimitedReader
    do {
      reader = try DelimitedReader(path: data)
    } catch let error as DocumentError {
      throw error
    } catch {
      throw DocumentError(
        at: SourceLocation(file: data, line: 1, column: 1), "the file cannot be read: \(error.localizedDescription)")
    }
    func place(_ name: String) throws -> Int {
      if let place = reader.column(name) { return place }
      throw DocumentError(
        at: SourceLocation(file: data, line: 1, column: 1),
        "found no column '\(name)' among \(reader.columns.prefix(20).joined(separator: ", "))",
        suggestion: nearestWord(to: name, among: reader.columns))
    }
    let places = (user: try place(columns.user), item: try place(columns.item), time: try place(columns.time))
    let categoryPlace = try columns.category.map { try place($0) }
    var rows: [Row] = []
    while let outcome = try reader.next() {
      switch outcome {
      case .bad(let bad):
        throw DocumentError(at: SourceLocation(file: data, line: bad.position.line, column: 1), bad.reason)
      case .row(let row):
        func text(_ place: Int, _ name: String) throws -> String {
          guard let text = row[place], !text.isEmpty else { throw error(row, place, "the field '\(name)' is empty") }
          return text
        }
        let written = try text(places.time, columns.time)
        guard let time = Self.moment(written) else {
          throw error(
            row, places.time, "found '\(written.prefix(40))' as the time, expected a number or a date like 2016-05-09")
        }
        let item = items.number(of: try text(places.item, columns.item))
        if let categoryPlace { categories.add(row[categoryPlace] ?? "", to: item) }
        rows.append(Row(person: people.number(of: try text(places.user, columns.user)), item: item, time: time))
      }
    }
    return rows
  }

  /// The column of a field's first character, as far as no field before it stands in quotes.
  private func error(_ row: DelimitedRow, _ place: Int, _ message: String) -> DocumentError {
    let before = (0..<place).reduce(1) { $0 + (row[$1]?.unicodeScalars.count ?? 0) + 1 }
    return DocumentError(at: SourceLocation(file: data, line: row.position.line, column: before), message)
  }

  /// A number of seconds, milliseconds (from 1e11) or microseconds (from 1e14) since 1970, or an ISO 8601 text.
  static func moment(_ text: String) -> Timestamp? {
    guard let number = Double(text) else { return Timestamp(iso8601: text) }
    guard number.isFinite, abs(number) < 1e17 else { return nil }
    let factor = abs(number) < 1e11 ? 1e6 : abs(number) < 1e14 ? 1e3 : 1
    return Timestamp(microseconds: Int64((number * factor).rounded()))
  }
}
