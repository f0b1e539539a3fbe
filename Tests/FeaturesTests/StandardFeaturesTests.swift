import Events
import Primitives
import Rules
import Testing

@testable import Features

@Suite struct StandardFeaturesTests {
  static let day = FeatureWorld.day
  let world = FeatureWorld(.standard)

  @Test func `the standard set covers commerce, content and software`() {
    let promised = [
      "days_since_purchase", "orders_30d", "orders_365d", "monetary_365d", "purchases_7d", "average_cart_value",
      "category_affinity", "brand_affinity", "content_engagement_ratio", "discount_sensitivity", "session_depth",
      "sessions_7d", "channel_preference", "device_preference", "active_days_30d", "searches_30d", "lifecycle_stage",
      "session_goal",
    ]
    #expect(promised.filter { world.set.index(of: $0) == nil } == [])
    #expect(world.set.definitions.allSatisfy { $0.description?.isEmpty == false })
    for part in StandardFeatures.Part.allCases where part != .everywhere {
      #expect(!FeatureSet(parts: [part]).definitions.isEmpty)
    }
  }

  @Test func `a shopper's features are what was done`() throws {
    let coupon = #"{"coupon": "MAY", "discount": 0}"#
    let orders: [(Double, Double, String)] = [(-100, 30, coupon), (-20, 50, "{}"), (-2, 40.4, #"{"discount": 5}"#)]
    var events = try orders.map { try world.act(.purchase, "mug", $0.0 * Self.day, value: $0.1, properties: $0.2) }
    events += try [world.act(.refund, "mug", -1 * Self.day, value: 0.4), world.act(.search, nil, 0)]
    events += try (0..<4).map { try world.act(.view, "shoe", Double($0) * 60) }
    let values = world.values(events, at: 300)
    let expected: [(String, RuleValue?)] = [
      ("orders_30d", .int(2)), ("orders_365d", .int(3)), ("purchases_7d", .int(1)), ("monetary_365d", .double(120)),
      ("average_cart_value", .double(40)), ("discount_sensitivity", .double(2.0 / 3)), ("searches_30d", .int(1)),
      ("views_7d", .int(4)), ("purchase_funnel", .int(1)), ("active_days_30d", .int(3)), ("sessions_7d", .int(2)),
      ("session_depth", .int(5)), ("device_preference", .string("mobile")), ("channel_preference", nil),
      ("lifecycle_stage", .string("active")), ("session_goal", .string("research")), ("average_rating", nil),
      ("content_engagement_ratio", nil), ("days_since_purchase", .double(2 + 300 / 86_400.0)),
    ]
    for (name, value) in expected { #expect(Approximately(values[name]) == Approximately(value), "\(name)") }
  }

  @Test(
    arguments: [
      ([0], 1, "new"), ([-60, -30, 0], 1, "active"), ([-60, -30, 0], 31, "at_risk"), ([-60, -30, 0], 91, "lapsed"),
      ([0, 1, 2, 3], 4, "active"), ([0], 20, "active"),
    ] as [([Double], Double, String)])
  func `the lifecycle stage follows recency and frequency`(days: [Double], now: Double, stage: String) throws {
    let events = try days.map { try world.act(.view, "mug", $0 * Self.day) }
    #expect(world.values(events, at: now * Self.day)["lifecycle_stage"] == .string(stage))
  }

  @Test(
    arguments: [
      (#"{"channel": "email"}"#, nil, nil, "email"), ("{}", "spring", "example.org", "campaign"),
      ("{}", nil, "example.org", "referral"), ("{}", nil, nil, nil),
    ] as [(String, String?, String?, String?)])
  func `the channel is told by the event, the campaign or the referrer`(
    properties: String, campaign: String?, referrer: String?, channel: String?
  ) throws {
    let events = try (0..<3).map {
      try world.event("x", Double($0), properties: properties) {
        $0.context.campaign = campaign
        $0.context.referrer = referrer
      }
    }
    #expect(world.values(events, at: 9)["channel_preference"] == channel.map { .string($0) })
  }
}
