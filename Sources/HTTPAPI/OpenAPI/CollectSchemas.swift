extension APISchemas {
  /// What is sent as events, and the answers.
  static let collected: [Schema] =
    ["Track", "Identify", "Page", "Screen", "Group", "Alias"].map { ("SegmentCall\($0)", segmentCall($0)) } + [
      ("Success", ##"{"type":"object","required":["success"],"properties":{"success":{"const":true}}}"##),
      (
        "Batch",
        ##"""
        {"type":"object","required":["batch"],
         "description":"\"sentAt\" is when your clock says that you send this; it corrects the times of all events.",
         "properties":{
          "batch":{"type":"array","items":{"description":"A Segment call with its \"type\"."}},
          "context":{"description":"Counts where an event's own context lacks a member."},
          "integrations":{},
          "writeKey":{"description":"The key, when no header has it."}}}
        """##
      ),
      (
        "ImportBatch",
        ##"""
        {"type":"object","required":["batch"],"properties":{
          "batch":{"type":"array",
            "items":{"description":"A Segment call with its \"type\", or a flat event with its \"event_type\"."}},
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
        {"type":"object","required":["event_type"],
         "description":"\##(time("timestamp")) \"value\" is the rating for rating, money for purchase, seconds for dwell; between -1e12 and 1e12. \"device\" and \"location\" may stand at the top.",
         "properties":{
          "message_id":{"$ref":"#/components/schemas/MessageID"},
          "event_type":{"type":"string","minLength":1,"maxLength":512,
            "description":"view, click, impression, dwell, add_to_cart, purchase, search, rating, save, dismiss, or your own."},
          "item_id":{"$ref":"#/components/schemas/OptionalID"},
          "product_id":{"$ref":"#/components/schemas/OptionalID"},
          "context":{"$ref":"#/components/schemas/FreeObject"},
          "properties":{"$ref":"#/components/schemas/FreeObject"}},
         "anyOf":\##(person("user_id", "anonymous_id"))}
        """##
      ),
      (
        "ConsentCall",
        ##"""
        {"type":"object","required":["purposes"],
         "description":"\##(time("timestamp")) Decisions ask for the purpose personalization; what is said of others is kept with the person.",
         "properties":{
          "message_id":{"$ref":"#/components/schemas/MessageID"},
          "purposes":{"description":"Whether each purpose is allowed, by its name; one truth value alone speaks of personalization.",
            "anyOf":[{"type":"boolean"},{"type":"object","minProperties":1,"maxProperties":100,
              "propertyNames":{"minLength":1,"maxLength":32},"additionalProperties":{"type":"boolean"}}]}},
         "anyOf":\##(person("user_id", "anonymous_id"))}
        """##
      ),
    ]

  private static func time(_ name: String) -> String {
    ##"\"\##(name)\" is ISO 8601 text or seconds, milliseconds or microseconds since 1970; not before 1970 and at most a "##
      + "day ahead."
  }

  private static let consent =
    "Consent counts wherever it stands: context.consent and its categoryPreferences, context.consentManagement with its "
    + "allowedConsentIds and deniedConsentIds, the trait consent of identify; what cannot be read refuses the event."

  /// One of the two ids must be there.
  private static func person(_ user: String, _ anonymous: String) -> String {
    let some = ##"{"$ref":"#/components/schemas/ID"}"##
    let any = ##"{"$ref":"#/components/schemas/OptionalID"}"##
    return ##"[{"required":["\##(user)"],"properties":{"\##(user)":\##(some),"\##(anonymous)":\##(any)}},"##
      + ##"{"required":["\##(anonymous)"],"properties":{"\##(user)":\##(any),"\##(anonymous)":\##(some)}}]"##
  }

  private static func segmentCall(_ kind: String) -> String {
    let name = ##""name":{"type":["string","null"],"maxLength":512}"##
    let id = ##"{"$ref":"#/components/schemas/ID"}"##
    let own: (required: String, properties: String) =
      switch kind {
      case "Track": (##""event""##, ##""event":{"type":"string","minLength":1,"maxLength":512}"##)
      case "Group": (##""groupId""##, ##""groupId":\##(id),"traits":{"$ref":"#/components/schemas/FreeObject"}"##)
      case "Alias": (##""userId","previousId""##, ##""userId":\##(id),"previousId":\##(id)"##)
      case "Identify": ("", ##""traits":{"$ref":"#/components/schemas/FreeObject"}"##)
      default: ("", name)
      }
    let who = kind == "Alias" ? "" : ##","anyOf":\##(person("userId", "anonymousId"))"##
    return ##"""
      {"type":"object","required":[\##(own.required)],"description":"\##(time("timestamp")) \##(consent)","properties":{
        \##(own.properties),
        "messageId":{"$ref":"#/components/schemas/MessageID"},
        "properties":{"$ref":"#/components/schemas/FreeObject"},
        "context":{"$ref":"#/components/schemas/FreeObject"}}\##(who)}
      """##
  }
}
