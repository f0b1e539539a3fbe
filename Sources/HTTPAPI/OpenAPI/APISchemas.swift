/// Schemas of what is sent and answered, as JSON Schema 2020-12 text by name.
enum APISchemas {
  typealias Schema = (name: String, text: String)

  static var all: [Schema] { shared + collected + answered }

  private static let shared: [Schema] = [
    (
      "Problem",
      ##"""
      {"type":"object","required":["code","message"],"properties":{
        "code":{"type":"string","description":"For programs; never changes its meaning."},
        "message":{"type":"string","description":"For people."},
        "field":{"type":"string","description":"What is wrong, as a path."},
        "errors":{"type":"array","items":{"$ref":"#/components/schemas/DefinitionError"}}}}
      """##
    ),
    (
      "DefinitionError",
      ##"""
      {"type":"object","required":["file","line","column","message"],"properties":{
        "file":{"type":"string"},"line":{"type":"integer"},"column":{"type":"integer"},"message":{"type":"string"},
        "suggestion":{"type":["string","null"]}}}
      """##
    ),
    ("Document", ##"{"type":"object","required":["openapi","info","paths"]}"##),
    ("Status", ##"{"type":"object","required":["status"],"properties":{"status":{"type":"string"}}}"##),
    (
      "ID",
      ##"""
      {"description":"A name in your systems; numbers are taken as they are written.",
       "anyOf":[{"type":"string","minLength":1,"maxLength":128},{"type":"integer"}]}
      """##
    ),
    (
      "OptionalID",
      ##"{"anyOf":[{"$ref":"#/components/schemas/ID"},{"type":"null"},{"type":"string","maxLength":0}]}"##
    ),
    (
      "Time",
      ##"""
      {"description":"RFC 3339 or ISO 8601, with or without a zone, or milliseconds or seconds since 1970.",
       "type":"string","pattern":"^20[0-1][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?Z$"}
      """##
    ),
  ]
}
