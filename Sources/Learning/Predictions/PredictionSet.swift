import Engine
import Features
import Primitives

/// The moments of a prediction with what was known at each, split into those to learn from, those to choose by and those to judge
/// by.
///
/// By people: whoever is held back in `TrainingSet` is never learnt from; half of them choose when the fit ends and the calibration,
/// the other half judges. By time, where the log is long enough: what is learnt was known (the label's time over) before the first
/// moment that is chosen or judged by.
struct PredictionSet {
  /// Fewer teach nothing.
  static let rowsMin = 200
  /// Of true and of false labels each, to learn from; and to judge by.
  static let labelsMin = 20
  static let judgedMin = 5
  /// Share of the moments, in the order of time, after which those lie that are chosen and judged by.
  private static let cut = 0.75
  /// Memory of a row, its encoded form included.
  static let bytesPerRow = 6_000

  struct Row {
    let values: FeatureValues
    let label: Bool
    let person: ProfileID
    let at: Timestamp
  }

  private(set) var training: [Row] = []
  private(set) var validation: [Row] = []
  private(set) var test: [Row] = []
  let people: Int
  private(set) var heldBack = 0
  /// Whether it is split by time, too.
  let isTimed: Bool
  let from: Timestamp?
  let to: Timestamp?

  /// - Parameter known: Of each moment. Those whose person had too few events by then, or is not asked, are left out.
  init(_ definition: PredictionDefinition, _ moments: [PredictionMoment], _ known: [PredictionRows.Known?]) {
    var rows: [Row] = []
    for (moment, known) in zip(moments, known) {
      guard let known, known.events >= definition.minEvents, definition.asks(known.values) else { continue }
      rows.append(Row(values: known.values, label: moment.label, person: moment.person, at: moment.at))
    }
    (from, to) = (rows.first?.at, rows.last?.at)
    // All who have moments, asked or not: so that the share of those held back only falls.
    let count = Set(moments.map(\.person)).count
    people = Set(rows.map(\.person)).count
    var held: [[Row]] = [[], []]
    var learnt: [Row] = []
    var heldPeople: Set<ProfileID> = []
    for row in rows {
      if let half = TrainingSet.half(of: row.person, people: count) {
        held[half].append(row)
        heldPeople.insert(row.person)
      } else {
        learnt.append(row)
      }
    }
    heldBack = heldPeople.count
    let border = rows.isEmpty ? nil : rows[Int(Double(rows.count) * Self.cut)].at
    let early = border.map { border in learnt.filter { definition.isOver($0.at, end: border) } } ?? []
    let late = border.map { border in held.map { $0.filter { $0.at >= border } } } ?? held
    isTimed =
      early.count * 2 >= learnt.count && Self.hasBoth(early, Self.labelsMin)
      && late.allSatisfy { Self.hasBoth($0, Self.judgedMin) }
    training = isTimed ? early : learnt
    (validation, test) = isTimed ? (late[0], late[1]) : (held[0], held[1])
  }

  private static func hasBoth(_ rows: [Row], _ least: Int) -> Bool {
    let positives = rows.count { $0.label }
    return positives >= least && rows.count - positives >= least
  }

  var positives: Int { [training, validation, test].reduce(0) { $0 + $1.count { $0.label } } }

  /// Why nothing can be learnt from it, or nothing be said of what was learnt; nil when both is possible.
  var refusal: String? {
    let all = training.count + validation.count + test.count
    guard all >= Self.rowsMin else {
      return
        "there are too few moments to learn from: \(all) whose time is over, of \(people) people who are asked; expected at "
        + "least \(Self.rowsMin)"
    }
    let positives = training.count { $0.label }
    if positives == 0 || positives == training.count {
      return "every label is \(positives > 0): there is nothing to tell apart in \(training.count) moments"
    }
    guard Self.hasBoth(training, Self.labelsMin) else {
      return
        "of \(training.count) moments to learn from \(positives) are true; expected at least \(Self.labelsMin) true and "
        + "\(Self.labelsMin) false"
    }
    guard Self.hasBoth(test, Self.judgedMin) else {
      return
        "there is nobody to judge it by: of \(test.count) moments of held-back people \(test.count { $0.label }) are true; "
        + "expected at least \(Self.judgedMin) true and \(Self.judgedMin) false"
    }
    return nil
  }
}
