import Mathematics
import Models

/// A model that scores from the history alone.
struct FittedHistory<Model: HistoryScorer>: FittedModel {
  let model: Model

  var itemCount: Int { model.itemCount }

  func scores(for questions: ArraySlice<EvaluationQuestion>) -> FloatMatrix {
    var values: [Float] = []
    values.reserveCapacity(questions.count * model.itemCount)
    for question in questions { values += model.scores(after: question.history.items) }
    return FloatMatrix(rowCount: questions.count, columnCount: model.itemCount, values: values)
  }
}

extension TrainingData {
  /// Who dealt with what: people × items, each pair once with weight 1, whatever the order.
  var interactions: SparseRows { sequences.map(\.items)[...].asRows(itemCount: itemCount) }

  /// The items of each sequence.
  var itemSequences: [[UInt32]] { sequences.map(\.items) }

  /// The same in the order in which they ended; those that ended together stay in the order of the data.
  var itemSequencesByTime: [[UInt32]] {
    sequences.enumerated().filter { !$0.element.items.isEmpty }.sorted {
      let (one, other) = ($0.element.times[$0.element.times.count - 1], $1.element.times[$1.element.times.count - 1])
      return (one, $0.offset) < (other, $1.offset)
    }.map(\.element.items)
  }
}

extension FitFailure {
  init(_ refusal: TrainingRefusal) { self = refusal == .stopped ? .stopped : .refused(refusal.description) }
}
