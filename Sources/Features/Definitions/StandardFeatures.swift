import Documents

/// The features that every workspace has unless it says otherwise, written as a workspace would write them and read by
/// the same code.
public enum StandardFeatures {
  /// What a workspace is about.
  public enum Part: String, Sendable, CaseIterable {
    case everywhere, commerce, content, software

    /// The definitions as YAML, a mapping of names to features.
    public var text: String {
      switch self {
      case .everywhere: StandardFeatures.everywhere
      case .commerce: StandardFeatures.commerce
      case .content: StandardFeatures.content
      case .software: StandardFeatures.software
      }
    }
  }

  /// The definitions of several parts as one document.
  static func document(_ parts: [Part]) throws(DocumentError) -> DocumentNode? {
    try DocumentNode.yaml(parts.map(\.text).joined(), file: "standard features")
  }

  private static let everywhere = """
    first_seen_days:
      type: time_since
      description: Days since the first thing the person did
      since: first
      events: any
    last_seen_days:
      type: time_since
      description: Days since the last thing the person did
      events: any
      freshness: 30d
    active_days_7d: {type: active_days, window: 7d, description: Days with any activity in a week}
    active_days_30d: {type: active_days, window: 30d, description: Days with any activity in 30 days}
    sessions_7d: {type: sessions, window: 7d, gap: 30m, description: Visits in 7 days}
    session_depth: {type: session_depth, window: 7d, gap: 30m, description: Events of the visit that is going on}
    searches_30d: {type: count, signals: [search], window: 30d, description: Searches in 30 days}
    saves_90d: {type: count, signals: [save], window: 90d, description: Items saved in 90 days}
    dismissals_90d: {type: count, signals: [dismiss], window: 90d, description: Items refused in 90 days}
    category_affinity:
      type: affinity
      description: Shares of item categories in what the person does
      by: item.category
      half_life: 30d
      weights: {view: 1, click: 1, save: 3, add_to_cart: 3, purchase: 5, rating: 3, dismiss: -2}
      min_events: 3
      freshness: 30d
    top_category:
      type: preference
      description: The category that the person does most with
      by: item.category
      half_life: 30d
      weights: {view: 1, click: 1, save: 3, add_to_cart: 3, purchase: 5, rating: 3, dismiss: -2}
      min_events: 3
    device_preference:
      type: preference
      description: The kind of device that the person mostly uses
      by: device
      events: any
      half_life: 60d
      min_events: 3
    channel_preference:
      type: preference
      description: The channel that mostly brings the person
      by: channel
      events: any
      half_life: 60d
      min_events: 3
    session_goal:
      type: preference
      description: What the person seems to be here for, by the last events
      labels:
        research: {signals: [view, click, search, dwell], weight: 1}
        purchase:
          signals: [add_to_cart, purchase]
          events: [Cart Viewed, Checkout Started, Payment Info Entered]
          weight: 4
        support:
          events:
            - Support Ticket Opened
            - Support Ticket Created
            - Ticket Created
            - Help Viewed
            - Help Article Viewed
            - Contact Form Submitted
            - Live Chat Conversation Started
            - Live Chat Message Sent
            - Order Cancelled
          weight: 4
      half_life: 10m
      within: 30m
      min_events: 2
    support_events_90d:
      type: count
      description: Calls for help in 90 days
      events:
        - Support Ticket Opened
        - Support Ticket Created
        - Ticket Created
        - Contact Form Submitted
        - Live Chat Conversation Started
      window: 90d
    lifecycle_stage:
      type: cases
      description: Where the person stands with us, by recency and frequency
      cases:
        - {value: lapsed, when: person.features.last_seen_days > 90.0}
        - {value: at_risk, when: person.features.last_seen_days > 30.0}
        - {value: new, when: person.features.first_seen_days < 14.0 && person.features.active_days_30d <= 3}
      else: active

    """

  private static let commerce = """
    purchases_7d: {type: count, signals: [purchase], window: 7d, description: Orders in 7 days}
    orders_30d: {type: count, signals: [purchase], window: 30d, description: Orders in 30 days}
    orders_365d: {type: count, signals: [purchase], window: 365d, description: Orders in a year (frequency)}
    days_since_purchase:
      type: time_since
      description: Days since the last order (recency)
      signals: [purchase]
      freshness: 180d
    monetary_365d:
      type: sum
      description: Money spent in a year, refunds taken off
      of: value
      signals: [purchase]
      minus: [refund]
      window: 365d
    average_cart_value:
      type: ratio
      description: Money for each order of a year
      numerator: monetary_365d
      denominator: orders_365d
      min_events: 1
    discounted_orders_365d:
      type: count
      description: Orders with a coupon or discount in a year
      signals: [purchase]
      window: 365d
      where: >-
        (has(event.properties.coupon) && event.properties.coupon != "" && event.properties.coupon != null)
        || (has(event.properties.discount) && event.properties.discount != 0.0 && event.properties.discount != null)
    discount_sensitivity:
      type: ratio
      description: Share of orders with a coupon or discount
      numerator: discounted_orders_365d
      denominator: orders_365d
      min_events: 2
    brand_affinity:
      type: affinity
      description: Shares of brands in what the person does
      by: item.attributes.brand
      half_life: 60d
      weights: {view: 1, click: 1, save: 3, add_to_cart: 3, purchase: 5, dismiss: -2}
      min_events: 3
    views_7d: {type: count, signals: [view], window: 7d, description: Item views in 7 days}
    carts_7d: {type: count, signals: [add_to_cart], window: 7d, description: Items put into the cart in 7 days}
    purchase_funnel:
      type: funnel_step
      description: "How far the person came in 7 days: 1 looked, 2 put into the cart, 3 bought"
      steps: [{signals: [view]}, {signals: [add_to_cart]}, {signals: [purchase]}]
      window: 7d

    """

  private static let content = """
    content_engagement_ratio:
      type: engagement
      description: Share of dwells that were long for their item
      window: 90d
      min_events: 3
    average_rating: {type: average, signals: [rating], description: Mean of the person's ratings, min_events: 3}
    tag_affinity:
      type: affinity
      description: Shares of topics in what the person reads and keeps
      by: item.tag
      half_life: 30d
      weights: {view: 1, click: 1, save: 3, purchase: 3, rating: 3, dismiss: -2}
      min_events: 3

    """

  private static let software = """
    features_used_30d:
      type: distinct
      description: Different things done in 30 days
      by: event
      calls: [track]
      window: 30d
      limit: 64
    usage_streak: {type: streak, window: 60d, description: Days in a row with any activity}

    """
}

extension FeatureSet {
  /// The standard features alone.
  public static let standard = FeatureSet(parts: StandardFeatures.Part.allCases)

  /// The standard features of some parts.
  public convenience init(parts: [StandardFeatures.Part]) {
    do {
      try self.init(documents: [StandardFeatures.document(parts)])
    } catch {
      preconditionFailure("the standard features are part of the program: \(error)")
    }
  }
}
