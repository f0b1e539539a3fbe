/// A trained model that answers from what somebody did, so that whoever came after the training is answered like everybody
/// else: their history is all that folding them in takes.
public protocol HistoryScorer: Sendable {
  /// Items are numbered from 0.
  var itemCount: Int { get }

  /// What somebody with this history should be shown next.
  /// - Parameter history: Oldest first. Items that came after the training, numbered `itemCount` and more, say nothing.
  /// - Returns: Higher is better, shape `[itemCount]`; the items of the history have scores as well.
  func scores(after history: [UInt32]) -> [Float]
}
