import Documents
import Foundation

/// An experiment as a file tells it: a person a row, with the arm, the outcome, and what was known before.
public struct ExperimentTable: Sendable {
  /// What a column holds.
  public enum Content: Sendable {
    /// NaN where nothing stands.
    case numbers([Double])
    /// Places in `names`; −1 where nothing stands.
    case words(codes: [Int32], names: [String])
  }

  public struct Column: Sendable {
    public let name: String
    public let content: Content
  }

  public let columns: [Column]
  public let treated: [Bool]
  public let outcomes: [Double]
  /// Line of each person in the file.
  public let lines: [Int]
  /// What was left out, and why.
  public let notes: [String]

  public var count: Int { treated.count }
}

/// Where the parts of an experiment stand in its file.
public struct ExperimentFile: Sendable, Hashable {
  public var path: String
  public var treatment: String
  /// The value of the treated; nil takes `1`, `true`, `yes`, `treatment` or `treated`.
  public var treated: String?
  /// The value of the others. nil takes whoever has another value than `treated`, missing ones left out; where that is nil
  /// too, `0`, `false`, `no` or `control`.
  public var control: String?
  public var outcome: String
  /// nil takes all columns but treatment, outcome and `ignored`.
  public var features: [String]?
  public var ignored: Set<String>

  public init(
    path: String, treatment: String, treated: String? = nil, control: String? = nil, outcome: String,
    features: [String]? = nil, ignored: Set<String> = []
  ) {
    self.path = path
    self.treatment = treatment
    self.treated = treated
    self.control = control
    self.outcome = outcome
    self.features = features
    self.ignored = ignored
  }

  private static let yes: Set<String> = ["1", "true", "yes", "treatment", "treated", "t", "1.0"]
  private static let no: Set<String> = ["0", "false", "no", "0.0"]
  private static let missing: Set<String> = ["", "na", "n/a", "nan", "null", "none", "?"]

  /// - Throws: `DocumentError` with the line of what cannot be read.
  public func load(progress: (Int) -> Void = { _ in }) throws -> ExperimentTable {
    var file = try TextTable(path: path)
    let places = (treatment: try file.place(of: treatment), outcome: try file.place(of: outcome))
    for name in ignored { _ = try file.place(of: name) }
    let chosen = try (features ?? file.columns).map { ($0, try file.place(of: $0)) }
      .filter { $0.1 != places.treatment && $0.1 != places.outcome && !ignored.contains($0.0) }
    var columns = chosen.map { GrowingColumn(name: $0.0) }
    var (arms, outcomes, lines) = ([Bool](), [Double](), [Int]())
    var others: [String: Int] = [:]
    var seen: Set<String> = []
    while let row = try file.next() {
      let arm = row[places.treatment] ?? ""
      if seen.count < 100 { seen.insert(arm) }
      guard let isTreated = isTreated(arm) else {
        others[arm, default: 0] += 1
        continue
      }
      outcomes.append(try outcome(of: row[places.outcome] ?? "", file, row.line))
      arms.append(isTreated)
      lines.append(row.line)
      for (index, choice) in chosen.enumerated() { columns[index].add(Self.known(row[choice.1])) }
      if lines.count % 100_000 == 0 { progress(lines.count) }
    }
    var notes = others.sorted { $0.key < $1.key }.prefix(10).map {
      "\($0.value) rows with \(treatment) '\($0.key)' are in neither arm and left out"
    }
    guard arms.contains(true), arms.contains(false) else {
      let found = seen.sorted().prefix(10).map { "'\($0)'" }.joined(separator: ", ")
      throw file.error(
        line: 1,
        "found \(found.isEmpty ? "no rows" : found) in '\(treatment)', expected a treated and a control arm; name them with --treated and --control"
      )
    }
    var used: [ExperimentTable.Column] = []
    for column in columns {
      switch column.finished() {
      case .column(let content):
        if features == nil, let reason = Self.leak(content, outcomes) {
          notes.append("column '\(column.name)' \(reason): taken for a result and left out; --features takes it in")
        } else {
          used.append(ExperimentTable.Column(name: column.name, content: content))
        }
      case .useless(let reason): notes.append("column '\(column.name)' \(reason) and is left out")
      }
    }
    return ExperimentTable(columns: used, treated: arms, outcomes: outcomes, lines: lines, notes: notes)
  }

  private func isTreated(_ arm: String) -> Bool? {
    if let treated {
      if arm == treated { return true }
      guard let control else { return Self.missing.contains(arm.lowercased()) ? nil : false }
      return arm == control ? false : nil
    }
    if let control, arm == control { return false }
    if Self.yes.contains(arm.lowercased()) { return true }
    return control == nil && (Self.no.contains(arm.lowercased()) || arm.lowercased() == "control") ? false : nil
  }

  private func outcome(of text: String, _ file: TextTable, _ line: Int) throws -> Double {
    if let number = Double(text), number.isFinite { return number }
    if Self.yes.contains(text.lowercased()) { return 1 }
    if Self.no.contains(text.lowercased()) { return 0 }
    throw file.error(line: line, "found '\(text.prefix(40))' as the outcome '\(outcome)', expected a number, yes or no")
  }

  private static func known(_ text: String?) -> String? {
    guard let text, !missing.contains(text.lowercased()) else { return nil }
    return text
  }

  /// A number that is the same for everybody without the outcome, and not for those with it, came with the outcome.
  private static func leak(_ content: ExperimentTable.Content, _ outcomes: [Double]) -> String? {
    guard case .numbers(let numbers) = content, outcomes.contains(0), outcomes.contains(where: { $0 != 0 }) else {
      return nil
    }
    let without = zip(numbers, outcomes).filter { $0.1 == 0 }
    guard without.count > 20, let first = without.first?.0, without.allSatisfy({ $0.0 == first }) else { return nil }
    let differs = zip(numbers, outcomes).contains { $0.1 != 0 && $0.0 != first }
    return differs ? "is \(first) for everybody without the outcome" : nil
  }
}

/// A column while it is read: numbers as long as all are, words from then on.
private struct GrowingColumn {
  enum Finished {
    case column(ExperimentTable.Content)
    case useless(String)
  }

  let name: String
  private var codes: [Int32] = []
  private var names: [String] = []
  private var codeOf: [String: Int32] = [:]

  init(name: String) { self.name = name }

  mutating func add(_ text: String?) {
    guard let text else { return codes.append(-1) }
    if let code = codeOf[text] { return codes.append(code) }
    let code = Int32(names.count)
    codeOf[text] = code
    names.append(text)
    codes.append(code)
  }

  func finished() -> Finished {
    if names.isEmpty { return .useless("is empty") }
    if names.count == 1, !codes.contains(-1) { return .useless("is '\(names[0].prefix(40))' for all") }
    let numbers = names.map { Self.number($0) }
    if numbers.allSatisfy({ $0 != nil }) {
      return .column(.numbers(codes.map { $0 < 0 ? .nan : numbers[Int($0)] ?? .nan }))
    }
    if names.count > 20, names.count * 2 > codes.count { return .useless("has another text in nearly every row") }
    return .column(.words(codes: codes, names: names))
  }

  private static func number(_ text: String) -> Double? {
    if let number = Double(text), number.isFinite { return number }
    switch text.lowercased() {
    case "true": return 1
    case "false": return 0
    default: return nil
    }
  }
}
