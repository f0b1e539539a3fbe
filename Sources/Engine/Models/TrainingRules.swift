public import Documents
public import Primitives

/// When and how a workspace trains by itself. The section `training` of its definitions:
///
///     training:
///       automatic: true
///       every: 24h          # at the latest, as long as anything happens
///       changed: 0.2        # earlier, once this share of events has come since the last
///       at_least: 15m       # never sooner than that
///       dimensions: 64
///       memory_mb: 1024     # a training that would take more is not begun
///       drift: {}           # as in `WatchRules`
///       degradation: {}
public struct TrainingRules: Sendable, Hashable {
  public var isAutomatic = true
  public var every: Duration = .seconds(86_400)
  /// In (0, 10].
  public var changed = 0.2
  public var atLeast: Duration = .seconds(900)
  public var dimensions = 64
  public var memoryBytes = 1_024 << 20
  public var watch = WatchRules()

  /// Fewer events teach nothing.
  public static let eventsMin = 1_000

  public init() {}

  public init(document: DocumentNode?) throws(DocumentError) {
    guard let document else { return }
    let section = try document.mapping(
      allowing: ["automatic", "every", "changed", "at_least", "dimensions", "memory_mb", "drift", "degradation"],
      of: "the section 'training'")
    if let node = section["automatic"] { isAutomatic = try node.bool() }
    if let node = section["every"] { every = try Self.period(node, "every") }
    if let node = section["at_least"] { atLeast = try Self.period(node, "at_least") }
    if let node = section["changed"] { changed = try node.double(in: 0.001...10) }
    if let node = section["dimensions"] { dimensions = try node.int(in: 2...1_024) }
    if let node = section["memory_mb"] { memoryBytes = try node.int(in: 1...(1 << 20)) << 20 }
    watch = try WatchRules(drift: section["drift"], degradation: section["degradation"])
  }

  private static func period(_ node: DocumentNode, _ name: String) throws(DocumentError) -> Duration {
    let period = try node.duration()
    guard period >= .seconds(1), period <= .seconds(366 * 86_400) else {
      throw node.error("found \(node.inWords), expected '\(name)' between 1s and 366d")
    }
    return period
  }

  /// Why a training should begin now; nil when it should not.
  /// - Parameters:
  ///   - last: The last training, whatever came of it.
  ///   - events: In the log.
  public func cause(after last: ModelRun?, events: Int, at now: Timestamp) -> ModelRun.Cause? {
    guard isAutomatic, events >= Self.eventsMin else { return nil }
    guard let last else { return .changes }
    let (age, more) = (now - last.finishedAt, events - last.window.events)
    guard age >= atLeast, more > 0 else { return nil }
    if Double(more) >= changed * Double(last.window.events) { return .changes }
    return age >= every ? .schedule : nil
  }
}
