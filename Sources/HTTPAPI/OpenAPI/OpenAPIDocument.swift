import HTTPTypes
import Primitives

/// The description of the interface that `/openapi.json` answers: written from the routes themselves, so that none is
/// missing.
/// - SeeAlso: *OpenAPI Specification* 3.1.0.
struct OpenAPIDocument {
  let bytes: [UInt8]

  init(routes: [Route]) {
    var writer = JSONWriter(reservingCapacity: 64 << 10)
    writer.object { writer in
      writer.member("openapi", "3.1.0")
      writer.member("info", object: Self.writeInfo)
      writer.member(
        "tags",
        array: { list in
          for tag in Operation.Tag.allCases {
            list.object {
              $0.member("name", tag.rawValue)
              $0.member("description", tag.description)
            }
          }
        })
      writer.member("paths", object: { Self.write(routes, into: &$0) })
      writer.member("components", object: Self.writeComponents)
    }
    bytes = writer.bytes
  }

  private static func writeInfo(_ writer: inout JSONWriter) {
    writer.member("title", "Attune")
    writer.member("version", "1")
    writer.member(
      "description",
      """
      What people do comes in, what they should see next goes out. Errors are always {"code", "message"}, often with the \
      "field" that is wrong. 200 means stored on disk and visible to every later call.
      """)
  }

  private static func write(_ routes: [Route], into writer: inout JSONWriter) {
    var paths: [String] = []
    for route in routes where !paths.contains(route.path) { paths.append(route.path) }
    for path in paths {
      writer.member(
        path,
        object: { writer in
          for route in routes where route.path == path {
            writer.member(route.method.rawValue.lowercased(), object: { write(route, into: &$0) })
          }
        })
    }
  }

  private static func write(_ route: Route, into writer: inout JSONWriter) {
    let operation = route.operation
    writer.member("operationId", operation.id)
    writer.member("tags", array: { $0.string(operation.tag.rawValue) })
    writer.member("summary", operation.summary)
    if !operation.parameters.isEmpty {
      writer.member("parameters", array: { list in for parameter in operation.parameters { write(parameter, &list) } })
    }
    if let request = operation.request {
      writer.member(
        "requestBody",
        object: { writer in
          writer.member("required", request.isRequired)
          writer.member(
            "content",
            object: { write(request.mediaTypes, schema: request.schema, example: request.example, into: &$0) })
        })
    }
    writer.member(
      "responses",
      object: { writer in
        for reply in operation.replies + commonReplies(of: route) { write(reply, into: &writer) }
      })
    writer.member("security", array: { writeSecurity(route.access, into: &$0) })
  }

  private static func write(_ parameter: Operation.Parameter, _ list: inout JSONWriter) {
    list.object { writer in
      writer.member("name", parameter.name)
      writer.member("in", parameter.place.rawValue)
      writer.member("required", parameter.isRequired)
      writer.member("description", parameter.description)
      if parameter.isExploded {
        writer.member("style", "form")
        writer.member("explode", true)
      }
      writer.key("schema")
      writer.raw(parameter.schema.utf8)
      if let example = parameter.example {
        writer.key("example")
        writer.raw(example.utf8)
      }
    }
  }

  private static func write(
    _ mediaTypes: [String], schema: String?, example: String? = nil, into writer: inout JSONWriter
  ) {
    for type in mediaTypes {
      writer.member(
        type,
        object: { writer in
          // Lines are described one by one in the text; the schema of the whole is a text.
          let isText = schema == nil || !type.hasPrefix("application/json") && !type.hasSuffix("+json")
          writer.member(
            "schema",
            object: {
              if let schema, !isText {
                $0.member("$ref", "#/components/schemas/\(schema)")
              } else {
                $0.member("type", "string")
              }
            })
          if let example, !isText {
            writer.key("example")
            writer.raw(example.utf8)
          }
        })
    }
  }

  private static func write(_ reply: Operation.Documented, into writer: inout JSONWriter) {
    writer.member(
      "\(reply.status)",
      object: { writer in
        writer.member("description", reply.description)
        if reply.status == 429 || reply.status == 503 {
          writer.member(
            "headers",
            object: {
              $0.key("Retry-After")
              $0.raw(#"{"description":"Seconds to wait.","schema":{"type":"integer","minimum":1}}"#.utf8)
            })
        }
        writer.member("content", object: { write([reply.mediaType], schema: reply.schema, into: &$0) })
      })
  }

  /// What every route may answer besides its own.
  private static func commonReplies(of route: Route) -> [Operation.Documented] {
    func problem(_ status: Int, _ description: String) -> Operation.Documented {
      Operation.Documented(status: status, description: description, schema: "Problem")
    }
    var replies = [problem(400, "Something in the call is wrong; 'field' says where.")]
    if route.access != .open {
      replies.append(problem(401, "No key, or one that nobody has."))
      replies.append(problem(403, "The key does not have the scope."))
      replies.append(problem(429, "Too many calls or events of this key."))
    }
    if route.body != .none { replies.append(problem(415, "A content encoding other than gzip.")) }
    replies.append(problem(500, "Something is wrong in the server; its log says more."))
    replies.append(problem(503, "Nothing was stored; the same call may succeed in a moment."))
    let own = Set(route.operation.replies.map(\.status))
    return replies.filter { !own.contains($0.status) }
  }

  private static func writeSecurity(_ access: Access, into list: inout JSONWriter) {
    guard access != .open else { return }
    for scheme in ["bearer", "basic"] { list.object { $0.member(scheme, array: { _ in }) } }
  }

  private static func writeComponents(_ writer: inout JSONWriter) {
    writer.member(
      "securitySchemes",
      object: {
        $0.key("bearer")
        $0.raw(#"{"type":"http","scheme":"bearer","description":"A key: atn_…"}"#.utf8)
        $0.key("basic")
        $0.raw(#"{"type":"http","scheme":"basic","description":"The key as user name; the password is ignored."}"#.utf8)
      })
    writer.member(
      "schemas",
      object: { writer in
        for (name, text) in APISchemas.all {
          writer.key(name)
          writer.raw(text.utf8)
        }
      })
  }
}
