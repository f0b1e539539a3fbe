import Primitives

/// Writes what people do as the clients of a shop would: strolls as a Segment library batches them, reactions to an answer
/// as flat events that carry its decision id.
enum ShopEvents {
  /// Items of a Segment batch for one stroll that began at `start`.
  static func segment(
    _ reactions: [Reaction], of shopper: Shopper, shop: Shop, start: Timestamp, id: (Int) -> String
  ) -> [[UInt8]] {
    reactions.enumerated().map { index, reaction in
      let item = shop.items[reaction.item]
      var writer = JSONWriter(reservingCapacity: 600)
      writer.object {
        $0.member("type", "track")
        $0.member("messageId", id(index))
        $0.member(shopper.isKnown ? "userId" : "anonymousId", shopper.id)
        $0.member("timestamp", start + .seconds(index * 20))
        $0.member("event", reaction.act.segmentName)
        $0.member("properties", object: { writeProperties(of: reaction, item, into: &$0) })
        $0.member("context", object: { writeContext(of: shopper, into: &$0) })
      }
      return writer.bytes
    }
  }

  private static func writeProperties(of reaction: Reaction, _ item: Shop.Item, into writer: inout JSONWriter) {
    func writeProduct(_ writer: inout JSONWriter) {
      writer.member("product_id", item.id)
      writer.member("name", item.title)
      writer.member("category", Shop.departments[item.department].name)
      writer.member("price", item.price)
      writer.member("quantity", 1)
    }
    guard case .bought(let cents) = reaction.act else { return writeProduct(&writer) }
    writer.member("revenue", Double(cents) / 100)
    writer.member("currency", "EUR")
    writer.member("products", array: { $0.object(writeProduct) })
  }

  static func writeContext(of shopper: Shopper, into writer: inout JSONWriter) {
    writer.member("device", object: { $0.member("type", shopper.device) })
    writer.member("timezone", shopper.timezone)
    writer.member("region", shopper.region)
    writer.member("library", object: { $0.member("name", "attune-demo") })
  }

  /// A body of `POST /v1/events`: what came of one answer.
  static func outcomes(
    _ reactions: [Reaction], of shopper: Shopper, shop: Shop, decisionID: String, now: Timestamp
  ) -> [UInt8] {
    var writer = JSONWriter(reservingCapacity: 300 * reactions.count)
    writer.array { list in
      for reaction in reactions {
        let item = shop.items[reaction.item]
        list.object {
          $0.member("message_id", "\(decisionID)/\(item.id)/\(reaction.act.flatName)")
          $0.member("event_type", reaction.act.flatName)
          $0.member(shopper.isKnown ? "user_id" : "anonymous_id", shopper.id)
          $0.member("item_id", item.id)
          $0.member("timestamp", now)
          if case .bought(let cents) = reaction.act { $0.member("value", Double(cents) / 100) }
          $0.member(
            "properties",
            object: {
              $0.member("decision_id", decisionID)
              $0.member("item_id", item.id)
            })
          $0.member("context", object: { writeContext(of: shopper, into: &$0) })
        }
      }
    }
    return writer.bytes
  }

  /// A body of `POST /v1/decide`.
  static func question(of shopper: Shopper, count: Int) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.member(shopper.isKnown ? "user_id" : "anonymous_id", shopper.id)
      $0.member("placement", "home")
      $0.member("count", count)
      $0.member("context", object: { writeContext(of: shopper, into: &$0) })
    }
    return writer.bytes
  }
}

extension Reaction.Act {
  /// The name in Segment's e-commerce specification.
  var segmentName: String {
    switch self {
    case .saw: "Product List Viewed"
    case .clicked: "Product Viewed"
    case .addedToCart: "Product Added"
    case .bought: "Order Completed"
    }
  }

  var flatName: String {
    switch self {
    case .saw: "impression"
    case .clicked: "click"
    case .addedToCart: "add_to_cart"
    case .bought: "purchase"
    }
  }
}
