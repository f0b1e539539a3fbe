import Events
import Primitives
import Testing

@testable import Features

@Suite struct FeatureLineageTests {
  @Test func `a feature tells its events, fields, parts and age`() throws {
    let world = FeatureWorld(.standard)
    let events = try [world.act(.purchase, "mug", 0, value: 5), world.act(.view, "mug", 5 * FeatureWorld.day)]
    let now = FeatureWorld.start + .seconds(200 * 86_400)
    let lineage = world.set.lineage(of: world.state(events), at: now)
    #expect(lineage.map(\.name) == world.set.definitions.map(\.name))

    let value = try #require(lineage.first { $0.name == "average_cart_value" })
    #expect(value.parts == ["monetary_365d", "orders_365d"])
    #expect(value.events == ["purchase", "refund"])
    #expect(value.fields == ["value"])
    #expect(value.isStale == nil)

    let sensitivity = try #require(lineage.first { $0.name == "discount_sensitivity" })
    #expect(sensitivity.fields.sorted() == ["event.properties.coupon", "event.properties.discount"])

    let recency = try #require(lineage.first { $0.name == "days_since_purchase" })
    #expect(recency.isStale == true)  // 200 days, where 180 are promised
    #expect(recency.updatedAt.map { FeatureWorld.start - $0 < .seconds(60) } == true)

    let stage = try #require(lineage.first { $0.name == "lifecycle_stage" })
    #expect(
      stage.updatedAt == FeatureWorld.start + .seconds(5 * 86_400)
        || stage.updatedAt.map { now - $0 < .seconds(195 * 86_400 + 60) } == true)
    #expect(lineage.first { $0.name == "searches_30d" }?.updatedAt == nil)

    var writer = JSONWriter()
    recency.write(into: &writer)
    let json = try JSONValue(parsing: String(decoding: writer.bytes, as: UTF8.self))
    #expect(json["freshness"]?.string == "180d")
    #expect(json["stale"]?.bool == true)
  }
}
