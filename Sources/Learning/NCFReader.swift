import Documents
import Primitives

struct NCFReader {
  let train: String
  let negatives: String
  let validation: String?

  func load(seed: UInt64) throws -> EvaluationSet {
    var people = Numbering()
    var items = Numbering()
    var sequences: [ActSequence] = []
    var lines = try FieldLines(path: train, separators: "\t ,")
    while let fields = try lines.next() {
      guard fields.count >= 2 else {
        throw lines.error(fields[0].column + fields[0].text.utf8.count, "found one field, expected a user and an item")
      }
      let person = Int(people.number(of: fields[0].text))
      if person == sequences.count { sequences.append(ActSequence()) }
      sequences[person].items.append(items.number(of: fields[1].text))
      sequences[person].times.append(MadeUpTime.of())
    }
    guard !sequences.isEmpty else { throw emptyFile(train, "lines of a user and an item") }
    // The format has no order, so that no model may go by that of the file.
    var generator = SeededGenerator(seed: seed)
    for place in sequences.indices { sequences[place].items.shuffle(using: &generator) }
    let asked = try rows(negatives, people: people, items: &items, isPaired: true)
    let held = try validation.map { try rows($0, people: people, items: &items, isPaired: false) }
    let training = TrainingData(itemCount: items.count, sequences: sequences)
    let test = EvaluationTask(training: training, questions: asked.map { $0.question(sequences) })
    return EvaluationSet(
      test: test,
      validation: held.map { ValidationSplit.leaving($0, outOf: training) }
        ?? ValidationSplit.oneOut(of: training, seed: seed))
  }

  private func rows(
    _ path: String, people: Numbering, items: inout Numbering, isPaired: Bool
  ) throws -> [HeldOut] {
    var rows: [HeldOut] = []
    var lines = try FieldLines(path: path, separators: "\t ")
    while var fields = try lines.next() {
      let last = fields[fields.count - 1]
      if isPaired { fields = try Self.pair(fields[0], lines) + fields.dropFirst() }
      guard fields.count >= 3 else {
        throw lines.error(
          last.column + last.text.utf8.count,
          isPaired ? "found no items to rank among" : "found \(fields.count) fields, expected user, item and others")
      }
      guard let person = people.known(fields[0].text) else {
        throw lines.error(fields[0].column, "user '\(fields[0].text)' is not in \(train)")
      }
      let target = items.number(of: fields[1].text)
      // The published file has the test item among its own negatives for some users: struck there.
      let others = fields.dropFirst(2).map { items.number(of: $0.text) }.filter { $0 != target }
      rows.append(HeldOut(sequence: Int(person), target: target, others: others))
    }
    guard !rows.isEmpty else { throw emptyFile(path, "a line for each user") }
    return rows
  }

  /// `(user,item)`.
  private static func pair(_ field: Field, _ lines: FieldLines) throws -> [Field] {
    let parts = field.text.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
    guard field.text.hasPrefix("("), field.text.hasSuffix(")"), parts.count == 2, parts.allSatisfy({ !$0.isEmpty })
    else { throw lines.error(field.column, "found '\(field.text.prefix(40))', expected (user,item)") }
    return [
      Field(text: String(parts[0]), column: field.column + 1),
      Field(text: String(parts[1]), column: field.column + 2 + parts[0].utf8.count),
    ]
  }
}

/// An item that a person's training lacks, and the items to rank it among.
struct HeldOut {
  let sequence: Int
  let target: UInt32
  let others: [UInt32]

  func question(_ sequences: [ActSequence]) -> EvaluationQuestion {
    EvaluationQuestion(
      sequence: sequence, history: sequences[sequence], targets: [target], candidates: .given(others), group: sequence)
  }
}
