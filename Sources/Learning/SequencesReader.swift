import Documents
import Primitives

struct SequencesReader {
  let data: String

  func load() throws -> EvaluationSet {
    var people = Numbering()
    var items = Numbering()
    var sequences: [ActSequence] = []
    var lines = try FieldLines(path: data, separators: "\t ")
    while let fields = try lines.next() {
      guard fields.count == 2 else {
        let place = fields.count > 2 ? fields[2].column : fields[0].column + fields[0].text.utf8.count
        throw lines.error(place, "found \(fields.count) fields, expected a user and an item")
      }
      let person = Int(people.number(of: fields[0].text))
      if person == sequences.count { sequences.append(ActSequence()) }
      sequences[person].times.append(MadeUpTime.of(position: sequences[person].items.count))
      sequences[person].items.append(items.number(of: fields[1].text))
    }
    guard !sequences.isEmpty else { throw emptyFile(data, "lines of a user and an item") }
    guard let test = ValidationSplit.lastOut(of: TrainingData(itemCount: items.count, sequences: sequences)),
      let validation = ValidationSplit.lastOut(of: test.training)
    else {
      throw DocumentError(
        at: SourceLocation(file: data, line: 1, column: 1),
        "no user has the three items that training, validation and test need")
    }
    return EvaluationSet(test: test, validation: validation)
  }
}

struct SessionsReader {
  let train: String
  let test: String

  func load() throws -> EvaluationSet {
    var items = Numbering()
    var sequences: [ActSequence] = []
    var lines = try FieldLines(path: train, separators: "\t ")
    while let fields = try lines.next() {
      sequences.append(Self.session(fields.map { items.number(of: $0.text) }, number: sequences.count))
    }
    guard !sequences.isEmpty else { throw emptyFile(train, "a session a line") }
    var questions: [EvaluationQuestion] = []
    lines = try FieldLines(path: test, separators: "\t")
    while let halves = try lines.next() {
      guard halves.count == 2 else {
        let place = halves.count > 2 ? halves[2].column : halves[0].column + halves[0].text.utf8.count
        throw lines.error(place, "found \(halves.count) parts between tabs, expected the items so far and the next one")
      }
      let prefix = halves[0].text.split(separator: " ").map { items.number(of: String($0)) }
      let target = halves[1].text.split(separator: " ")
      guard !prefix.isEmpty else { throw lines.error(halves[0].column, "found no items before the tab") }
      guard target.count == 1 else {
        throw lines.error(halves[1].column, "found '\(halves[1].text.prefix(40))', expected one item after the tab")
      }
      let next = items.number(of: String(target[0]))
      // The prefixes of one session stand together, each one item shorter than the last.
      let before = questions.last
      let isSame = before.map { $0.history.items == prefix + [next] } ?? false
      questions.append(
        EvaluationQuestion(
          sequence: nil, history: Self.session(prefix, number: sequences.count), targets: [next], candidates: .all,
          group: (before?.group ?? 0) + (isSame || before == nil ? 0 : 1)))
    }
    guard !questions.isEmpty else { throw emptyFile(test, "lines of items, a tab and the next item") }
    let training = TrainingData(itemCount: items.count, sequences: sequences)
    guard let validation = ValidationSplit.prefixes(ofLastOf: training) else {
      throw DocumentError(
        at: SourceLocation(file: train, line: 1, column: 1), "found too few sessions of two items to hold some out")
    }
    return EvaluationSet(test: EvaluationTask(training: training, questions: questions), validation: validation)
  }

  static func session(_ items: [UInt32], number: Int) -> ActSequence {
    ActSequence(items: items, times: items.indices.map { MadeUpTime.of(sequence: number, position: $0) })
  }
}
