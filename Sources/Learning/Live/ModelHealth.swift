/// What is known of how a workspace's models do while they serve.
public struct ModelHealth: Sendable {
  /// nil before anything was read.
  public let tally: LiveTally?
  /// What the last look at the log said of each distribution, in words; empty when none was due yet.
  public let drift: [String]

  /// People's days with an outcome, and all of them, of the decisions of one model.
  public func live(of version: Int) -> LiveTally.Count { tally?.total(of: version) ?? LiveTally.Count() }
}
