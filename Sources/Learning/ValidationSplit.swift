import Primitives

/// The ways in which a part of what happened is held out.
enum ValidationSplit {
  /// Other items of a question that is made by chance.
  private static let othersCount = 99
  /// Sessions of a validation: as many, at most a tenth of all.
  private static let sessionsMax = 20_000

  /// The given items, taken out of their sequences, every copy of them: one that stayed would tell the answer.
  static func leaving(_ held: [HeldOut], outOf training: TrainingData) -> EvaluationTask {
    var rest = training
    for row in held {
      let whole = rest.sequences[row.sequence]
      let places = whole.items.indices.filter { whole.items[$0] != row.target }
      rest.sequences[row.sequence] = ActSequence(
        items: places.map { whole.items[$0] }, times: places.map { whole.times[$0] })
    }
    return EvaluationTask(training: rest, questions: held.map { $0.question(rest.sequences) })
  }

  /// One item of each sequence that has two, drawn by chance, among items that are not in it.
  static func oneOut(of training: TrainingData, seed: UInt64) -> EvaluationTask {
    var generator = SeededGenerator(seed: seed)
    let held = training.sequences.indices.compactMap { sequence -> HeldOut? in
      let own = Set(training.sequences[sequence].items)
      let room = training.itemCount - own.count
      guard own.count > 1, room > 0 else { return nil }
      let items = training.sequences[sequence].items
      let target = items[Int(generator.next(upperBound: UInt64(items.count)))]
      var others: Set<UInt32> = []
      while others.count < min(othersCount, room) {
        let item = UInt32(generator.next(upperBound: UInt64(training.itemCount)))
        if !own.contains(item) { others.insert(item) }
      }
      return HeldOut(sequence: sequence, target: target, others: others.sorted())
    }
    return leaving(held, outOf: training)
  }

  /// The last item of each sequence that keeps one without it; nil when none does.
  static func lastOut(of all: TrainingData) -> EvaluationTask? {
    var rest = all
    var questions: [EvaluationQuestion] = []
    for (number, sequence) in all.sequences.enumerated() where sequence.items.count > 1 {
      let history = sequence.prefix(sequence.items.count - 1)
      rest.sequences[number] = history
      // Who has had it before can not be shown it as new.
      let last = sequence.items[sequence.items.count - 1]
      guard !history.items.contains(last) else { continue }
      questions.append(
        EvaluationQuestion(
          sequence: number, history: history, targets: [last], candidates: .unseen, group: number))
    }
    return questions.isEmpty ? nil : EvaluationTask(training: rest, questions: questions)
  }

  /// Every prefix of the last sessions; nil when there are too few.
  static func prefixes(ofLastOf all: TrainingData) -> EvaluationTask? {
    let heldCount = min(sessionsMax, max(1, all.sequences.count / 10))
    let kept = all.sequences.count - heldCount
    guard kept > 0 else { return nil }
    let questions = all.sequences[kept...].enumerated().flatMap { group, session in
      (1..<max(1, session.items.count)).map {
        EvaluationQuestion(
          sequence: nil, history: session.prefix($0), targets: [session.items[$0]], candidates: .all, group: group)
      }
    }
    guard !questions.isEmpty else { return nil }
    let training = TrainingData(itemCount: all.itemCount, sequences: Array(all.sequences[..<kept]))
    return EvaluationTask(training: training, questions: questions)
  }

  /// The first `share` of all acts by time is the training. A person of the training is asked for the items of the rest
  /// that they have not had, each once.
  static func temporal(_ all: TrainingData, share: Double) -> EvaluationTask? {
    let times = all.sequences.flatMap(\.times).sorted()
    // Acts of one moment stay together, in the rest.
    let place = Int((Double(times.count) * share).rounded())
    guard place > 0, place < times.count else { return nil }
    let split = times[place]
    var training = all
    var questions: [EvaluationQuestion] = []
    for (number, sequence) in all.sequences.enumerated() {
      let count = sequence.times.firstIndex { $0 >= split } ?? sequence.times.count
      let history = sequence.prefix(count)
      training.sequences[number] = history
      var met = Set(history.items)
      let targets = sequence.items[count...].filter { met.insert($0).inserted }
      guard count > 0, !targets.isEmpty else { continue }
      questions.append(
        EvaluationQuestion(
          sequence: number, history: history, targets: targets, candidates: .unseen, group: number))
    }
    return questions.isEmpty ? nil : EvaluationTask(training: training, questions: questions)
  }
}
