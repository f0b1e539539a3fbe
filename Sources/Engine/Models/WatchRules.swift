import Documents

/// What a workspace watches its model by. In the section `training` of its definitions:
///
///     training:
///       drift: {items: 0.25, categories: 0.25, features: 0.25}   # population stability index; `drift: false` for not at all
///       degradation:            # `degradation: false` for not at all
///         tolerance: 0.1        # share of a fall that nobody minds
///         false_alarms: 0.01    # at most this chance of a wrong alarm within a hundred days
///         withdraw: true        # take a model out of force that does worse than the one before
public struct WatchRules: Sendable, Hashable {
  /// Population stability indices from which on something has drifted.
  public struct Drift: Sendable, Hashable {
    public var items = 0.25
    public var categories = 0.25
    public var features = 0.25

    public init() {}
  }

  public struct Degradation: Sendable, Hashable {
    /// In [0, 0.9].
    public var tolerance = 0.1
    /// In [0.001, 0.2].
    public var falseAlarms = 0.01
    public var withdraws = true

    public init() {}
  }

  /// nil for not at all.
  public var drift: Drift? = Drift()
  public var degradation: Degradation? = Degradation()

  public init() {}

  init(drift: DocumentNode?, degradation: DocumentNode?) throws(DocumentError) {
    if let drift { self.drift = try Self.drift(drift) }
    if let degradation { self.degradation = try Self.degradation(degradation) }
  }

  private static func drift(_ node: DocumentNode) throws(DocumentError) -> Drift? {
    if let isOn = try? node.bool() { return isOn ? Drift() : nil }
    let section = try node.mapping(allowing: ["items", "categories", "features"], of: "'drift'")
    var drift = Drift()
    let range = 0.01...10.0
    if let node = section["items"] { drift.items = try node.double(in: range) }
    if let node = section["categories"] { drift.categories = try node.double(in: range) }
    if let node = section["features"] { drift.features = try node.double(in: range) }
    return drift
  }

  private static func degradation(_ node: DocumentNode) throws(DocumentError) -> Degradation? {
    if let isOn = try? node.bool() { return isOn ? Degradation() : nil }
    let section = try node.mapping(allowing: ["tolerance", "false_alarms", "withdraw"], of: "'degradation'")
    var degradation = Degradation()
    if let node = section["tolerance"] { degradation.tolerance = try node.double(in: 0...0.9) }
    if let node = section["false_alarms"] { degradation.falseAlarms = try node.double(in: 0.001...0.2) }
    if let node = section["withdraw"] { degradation.withdraws = try node.bool() }
    return degradation
  }
}
