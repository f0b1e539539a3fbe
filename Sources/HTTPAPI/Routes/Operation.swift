/// What the OpenAPI document says of a route. Replies that every route has are added by the document: 400, 405, 429 and
/// 503 problems, 401 and 403 where a key is needed.
struct Operation: Sendable {
  /// Unique; the name of the call in generated clients.
  let id: String
  let tag: Tag
  let summary: String
  var parameters: [Parameter] = []
  var request: Request?
  var replies: [Documented] = []

  enum Tag: String, Sendable, CaseIterable {
    case collect, catalog, decide, people, models, definitions, keys, operate

    var description: String {
      switch self {
      case .collect: "Sending events: the six calls of the Segment specification, batches, and the flat form."
      case .catalog: "Items that can be shown."
      case .decide: "Asking what to show, and why it was shown."
      case .people: "What is known of a person."
      case .models: "Training, and which trained model answers."
      case .definitions: "The files that describe a workspace."
      case .keys: "Who may do what."
      case .operate: "Health, metrics, and watching the log."
      }
    }
  }

  struct Parameter: Sendable {
    enum Place: String, Sendable { case path, query }
    let name: String
    let place: Place
    /// JSON text of its schema.
    let schema: String
    let description: String
    var isRequired = false
    /// Its members are the parameters: `?user_id=…` for an object `{"user_id": …}`.
    var isExploded = false
    /// JSON text of a value.
    var example: String?

    static func path(_ name: String, example: String? = nil, _ description: String) -> Parameter {
      Parameter(
        name: name, place: .path, schema: #"{"type":"string","minLength":1}"#, description: description,
        isRequired: true, example: example)
    }

    static func query(_ name: String, schema: String = #"{"type":"string"}"#, _ description: String) -> Parameter {
      Parameter(name: name, place: .query, schema: schema, description: description)
    }

    static func limit(standard: Int, max: Int) -> Parameter {
      Parameter(
        name: "limit", place: .query, schema: #"{"type":"integer","minimum":1,"default":\#(standard)}"#,
        description: "How many at most; more than \(max) counts as \(max).")
    }

    static let cursor = Parameter.query(
      "cursor", schema: #"{"type":"string","pattern":"^[A-Za-z0-9_-]*$"}"#, "The `next` of the page before.")
  }

  struct Request: Sendable {
    let mediaTypes: [String]
    /// Name of a schema among the components.
    let schema: String
    /// JSON text of a body that is taken.
    let example: String
    /// Whether the call needs a body.
    var isRequired = true

    static func json(_ schema: String, example: String, isRequired: Bool = true) -> Request {
      Request(mediaTypes: ["application/json"], schema: schema, example: example, isRequired: isRequired)
    }
  }

  struct Documented: Sendable {
    let status: Int
    let description: String
    var mediaType = "application/json"
    /// Name of a schema among the components; nil for text.
    var schema: String?

    static func ok(_ schema: String, _ description: String) -> Documented {
      Documented(status: 200, description: description, schema: schema)
    }

    static let notFound = Documented(
      status: 404, description: "Unknown, or another workspace's.", schema: "Problem")

    static func conflict(_ description: String) -> Documented {
      Documented(status: 409, description: description, schema: "Problem")
    }

    static let unsupportedEncoding = Documented(
      status: 415, description: "A content encoding other than gzip.", schema: "Problem")
  }
}
