/// Schemas of what is sent and answered, as JSON Schema 2020-12 text by name.
///
/// What these say is held against the running server by schemathesis, in both directions: what they allow is taken,
/// and what they forbid is refused. Members that hold a language of their own (a rule, a YAML text, a time in one of
/// many forms) can only be described in words, in the `description` of their object.
enum APISchemas {
  typealias Schema = (name: String, text: String)

  static var all: [Schema] { shared + collected + asked + answered + models + predictions + cohorts }

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
      {"description":"A name in your systems, at most 512 bytes; numbers are taken as they are written.",
       "anyOf":[{"type":"string","minLength":1,"maxLength":512},{"type":"number"}]}
      """##
    ),
    (
      "OptionalID",
      ##"""
      {"description":"As ID; null and the empty text are none.",
       "anyOf":[{"type":"string","maxLength":512},{"type":"number"},{"type":"null"}]}
      """##
    ),
    (
      "MessageID",
      ##"""
      {"description":"Counts once; one is made when there is none. At most 256 bytes.",
       "anyOf":[{"type":"string","maxLength":256},{"type":"number"},{"type":"null"}]}
      """##
    ),
    (
      "FreeObject",
      ##"""
      {"description":"Yours to shape. The empty array stands for the empty object.",
       "anyOf":[{"type":"object"},{"type":"null"},{"type":"array","maxItems":0}]}
      """##
    ),
  ]
}
