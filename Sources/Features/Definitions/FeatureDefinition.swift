public import Documents

/// The kinds of features that definitions may declare.
public enum FeatureType: String, Sendable, CaseIterable {
  /// Events in a window.
  case count
  /// Numbers added up, exact to a millionth.
  case sum
  case average
  case min
  case max
  /// Different keys in a window; stays at `limit` (at most 256) when there are more.
  case distinct
  /// What the first event said.
  case first
  /// What the last event said.
  case last
  /// Time from the last (or first) event until now.
  case timeSince = "time_since"
  /// Shares of keys by decayed weight.
  case affinity
  /// The key of the greatest decayed weight.
  case preference
  /// A decayed count or sum.
  case decayed
  /// One feature divided by another.
  case ratio
  /// Steps taken one after the other within a window.
  case funnelStep = "funnel_step"
  /// Days with any event.
  case activeDays = "active_days"
  /// Days in a row with any event, up to today or yesterday.
  case streak
  /// Stretches of activity without a long pause.
  case sessions
  /// Events of the session that is going on; 0 when none is.
  case sessionDepth = "session_depth"
  /// Share of dwells that were long for their item.
  case engagement
  /// The value of the first case whose rule holds.
  case cases
}

/// What a feature is: which events it counts, how, and over what time. Read from a document, compiled by `FeatureSet`.
public struct FeatureDefinition: Sendable {
  public let name: String
  public let type: FeatureType
  public let description: String?
  /// How old the last event may be before the value counts as stale; nil: any age.
  public let freshness: Duration?
  /// Events below which there is no value.
  public let minEvents: Int
  /// Where it was declared.
  public let location: SourceLocation

  var arms: [Arm] = []
  var of: FeatureField?
  var by: FeatureField?
  /// A rule over `event`; only events for which it holds are counted.
  var condition: Text?
  var window: Duration?
  var bucket: Duration?
  var halfLife: Duration?
  /// The longest pause within a session.
  var gap: Duration?
  /// How old the last event may be for the value to mean anything.
  var within: Duration?
  var limit = 0
  var unit = TimeUnit.days
  var isFirst = false
  var numerator: Text?
  var denominator: Text?
  var cases: [Case] = []
  var otherwise: String?

  /// Events that add to the feature, each alike.
  struct Arm: Sendable, Hashable {
    var trigger: FeatureTrigger
    var weight = 1.0
    /// The key that they count for, where it is not read from the event.
    var label: String?
    /// A rating's weight is multiplied by how far it lies from the middle.
    var scalesByRating = false
  }

  /// A text and where it stands.
  struct Text: Sendable {
    let value: String
    let location: SourceLocation

    init(_ node: DocumentNode) throws(DocumentError) {
      value = try node.nonEmptyString()
      location = node.location
    }
  }

  struct Case: Sendable {
    let value: String
    let rule: Text
  }

  enum TimeUnit: String, Sendable, CaseIterable {
    case seconds, minutes, hours, days

    var microseconds: Int64 {
      switch self {
      case .seconds: 1_000_000
      case .minutes: 60_000_000
      case .hours: 3_600_000_000
      case .days: 86_400_000_000
      }
    }
  }
}

extension FeatureDefinition {
  /// Width of the buckets of a window: the stated one, else a 24th of the window, in whole days, hours or minutes.
  static func bucket(ofWindow window: Duration) -> Duration {
    let seconds = window.components.seconds
    let unit: Int64 = seconds >= 24 * 86_400 ? 86_400 : seconds >= 86_400 ? 3_600 : 60
    return .seconds(Swift.max(unit, (seconds + 12 * unit) / (24 * unit) * unit))
  }
}
