extension APISchemas {
  /// What is sent as events, and the answers.
  static let collected: [Schema] =
    ["Track", "Identify", "Page", "Screen", "Group", "Alias"].map { ("SegmentCall\($0)", segmentCall($0)) } + [
      ("Success", ##"{"type":"object","required":["success"],"properties":{"success":{"const":true}}}"##),
      (
        "Batch",
        ##"""
        {"type":"object","required":["batch"],"properties":{
          "batch":{"type":"array","items":{"type":"object","description":"A Segment call with its \"type\"."}},
          "sentAt":{"description":"When your clock says that you send this; corrects the times of all events."},
          "context":{"description":"Counts where an event's own context lacks a member."},
          "integrations":{},
          "writeKey":{"description":"The key, when no header has it."}}}
        """##
      ),
      (
        "ImportBatch",
        ##"""
        {"type":"object","required":["batch"],"properties":{
          "batch":{"type":"array","items":{"type":"object",
            "description":"A Segment call with its \"type\", or a flat event with its \"event_type\"."}},
          "context":{},"writeKey":{}}}
        """##
      ),
      (
        "BatchResult",
        ##"""
        {"type":"object","required":["success","accepted","duplicates","rejected"],"properties":{
          "success":{"const":true},"accepted":{"type":"integer","minimum":0},"duplicates":{"type":"integer","minimum":0},
          "rejected":{"type":"array","items":{"$ref":"#/components/schemas/RejectedEvent"}}}}
        """##
      ),
      (
        "RejectedEvent",
        ##"""
        {"type":"object","required":["index","code","message"],"properties":{
          "index":{"type":"integer","minimum":0},"code":{"type":"string"},"message":{"type":"string"},
          "field":{"type":"string"}}}
        """##
      ),
      (
        "EventsResult",
        ##"""
        {"type":"object","required":["accepted","duplicates","rejected"],"properties":{
          "accepted":{"type":"integer","minimum":0},"duplicates":{"type":"integer","minimum":0},
          "rejected":{"type":"array","items":{"$ref":"#/components/schemas/RejectedEvent"}}}}
        """##
      ),
      (
        "FlatEvents",
        ##"""
        {"anyOf":[{"$ref":"#/components/schemas/FlatEvent"},
          {"type":"array","items":{"description":"A flat event; a bad one does not hold up the others."}}]}
        """##
      ),
      (
        "FlatEvent",
        ##"""
        {"type":"object","required":["event_type","user_id"],"properties":{
          "message_id":{"anyOf":[{"type":"string","minLength":1,"maxLength":60},{"type":"null"}]},
          "user_id":{"$ref":"#/components/schemas/ID"},
          "anonymous_id":{"$ref":"#/components/schemas/OptionalID"},
          "event_type":{"type":"string","minLength":1,"maxLength":128,
            "description":"view, click, impression, dwell, add_to_cart, purchase, search, rating, save, dismiss, or your own."},
          "item_id":{"$ref":"#/components/schemas/OptionalID"},
          "product_id":{"$ref":"#/components/schemas/OptionalID"},
          "timestamp":{"$ref":"#/components/schemas/Time"},
          "value":{"type":["number","null"],"minimum":-1000000000,"maximum":1000000000,
            "description":"The rating for rating, money for purchase, seconds for dwell."},
          "context":{"type":["object","null"]},
          "properties":{"type":["object","null"]}}}
        """##
      ),
      (
        "ConsentCall",
        ##"""
        {"type":"object","required":["user_id","purposes"],"properties":{
          "user_id":{"$ref":"#/components/schemas/ID"},"anonymous_id":{"$ref":"#/components/schemas/OptionalID"},
          "purposes":{"type":"object","minProperties":1,"maxProperties":20,"propertyNames":{"pattern":"^[a-z_]{1,40}$"},
            "additionalProperties":{"type":"boolean"}}}}
        """##
      ),
    ]

  private static func segmentCall(_ kind: String) -> String {
    let required =
      switch kind {
      case "Track": #"["userId","event"]"#
      case "Group": #"["userId","groupId"]"#
      case "Alias": #"["userId","previousId"]"#
      default: #"["userId"]"#
      }
    return ##"""
      {"type":"object","required":\##(required),"properties":{
        "userId":{"$ref":"#/components/schemas/ID"},
        "anonymousId":{"$ref":"#/components/schemas/OptionalID"},
        "messageId":{"anyOf":[{"type":"string","minLength":1,"maxLength":60},{"type":"null"}]},
        "event":{"type":"string","minLength":1,"maxLength":128},
        "groupId":{"$ref":"#/components/schemas/ID"},
        "previousId":{"$ref":"#/components/schemas/ID"},
        "timestamp":{"$ref":"#/components/schemas/Time"},
        "properties":{"type":["object","null"]},
        "traits":{"type":["object","null"]},
        "context":{"type":["object","null"],"description":"Of the Segment specification, with consent."}}}
      """##
  }
}
