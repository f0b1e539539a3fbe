import Governance
public import Primitives

extension Event {
  /// An object as lists of a person's events show it: `message_id`, `type`, `event`, ids, times, what was understood of
  /// it (`item_id`, `signals`, `context`), and the sender's own `properties` and `traits`. What is absent is left out.
  public func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("message_id", messageID)
      $0.member("type", kind.name)
      $0.member("event", name)
      for identifier in identifiers where identifier.isUser || identifier.isAnonymous {
        $0.member(identifier.namespace, identifier.value)
      }
      if let previousID { $0.member("previous_id", previousID) }
      if let groupID { $0.member("group_id", groupID) }
      $0.member("timestamp", timestamp)
      $0.member("received_at", knownAt)
      if let itemID { $0.member("item_id", itemID) }
      if let decisionID { $0.member("decision_id", decisionID.description) }
      if !signals.isEmpty {
        $0.key("signals")
        $0.array { for signal in signals { signal.write(to: &$0) } }
      }
      if !consent.isEmpty {
        $0.key("consent")
        $0.object { for statement in consent { $0.member(statement.purpose.rawValue, statement.isGranted) } }
      }
      $0.key("context")
      context.write(to: &$0)
      // Written anew, so that the object stands on one line however the sender's did.
      if let properties { $0.member("properties", properties.value) }
      if let traits { $0.member("traits", traits.value) }
    }
  }
}

extension Signal {
  /// `{"signal", "item_id", "value", "quantity", "query"}`, without what is absent.
  public func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("signal", kind.name)
      if let itemID { $0.member("item_id", itemID) }
      if let value { $0.member("value", value) }
      if quantity != 1 { $0.member("quantity", quantity) }
      if let query { $0.member("query", query) }
    }
  }
}

extension ContextFacts {
  /// `{"device", "os", …, "hour", "weekday"}`, without what is absent.
  public func write(to writer: inout JSONWriter) {
    writer.object {
      let texts: [(String, String?)] = [
        ("device", device), ("os", os), ("region", region), ("locale", locale), ("timezone", timezone),
        ("referrer", referrer), ("campaign", campaign),
      ]
      for (name, text) in texts { if let text { $0.member(name, text) } }
      if let hour { $0.member("hour", hour) }
      if let weekday { $0.member("weekday", weekday) }
    }
  }
}
