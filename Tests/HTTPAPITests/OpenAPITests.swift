import Engine
import HTTPTypes
import Learning
import Logging
import NIOCore
import Primitives
import StorageMemory
import Testing
import Workspaces

@testable import HTTPAPI

@Suite struct OpenAPITests {
  let routes: [Route]
  let document: JSONValue

  init() async throws {
    let now: @Sendable () -> Timestamp = { Timestamp(seconds: 0) }
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let context = ServerContext(
      engine: Engine(configuration: EngineConfiguration(seed: { 1 }), logger: logger, now: now) { _ in
        MemoryPartitionStore()
      }, keys: try KeyRing(store: MemoryDocumentStore()), configuration: HTTPServerConfiguration(), logger: logger,
      now: now, random: { 1 }, requestLimiter: RateLimiter(limit: RateLimit(perSecond: 1, burst: 1)),
      eventLimiter: RateLimiter(limit: RateLimit(perSecond: 1, burst: 1)), metrics: RequestMetrics(),
      readiness: Readiness(), blockingPool: BlockingPool(threads: 1, callsMax: 1),
      training: TrainingDesk(memoryMax: .max, logger: logger, now: now))
    routes = allRoutes(context)
    let route = try #require(routes.first { $0.path == "/openapi.json" })
    let call = Call(
      head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: route.path), parameters: [],
      query: QueryString(""), body: [], receivedAt: now(), admitted: nil)
    guard case .bytes(let buffer) = try await route.handle(call).content else { throw Client.Failure.noAnswer }
    document = try JSONDocument(parsing: Array(buffer.readableBytesView)).root.value
  }

  private var operations: [(name: String, value: JSONValue)] {
    (document["paths"]?.object?.members ?? []).flatMap { path in
      (path.value.object?.members ?? []).map { ("\($0.key.uppercased()) \(path.key)", $0.value) }
    }
  }

  @Test func `every route is in the document and nothing else`() {
    #expect(operations.map(\.name).sorted() == routes.map { "\($0.method.rawValue) \($0.path)" }.sorted())
  }

  @Test func `the routes of the interface are all there`() {
    let promised = [
      "POST /v1/track", "POST /v1/identify", "POST /v1/page", "POST /v1/screen", "POST /v1/group", "POST /v1/alias",
      "POST /v1/batch", "POST /v1/import", "POST /v1/events", "POST /v1/consent", "PUT /v1/catalog/items",
      "GET /v1/catalog/items", "GET /v1/catalog/items/{id}", "PATCH /v1/catalog/items/{id}",
      "DELETE /v1/catalog/items/{id}", "POST /v1/decide", "GET /v1/recommendations", "GET /v1/items/{id}/similar",
      "GET /v1/popular", "GET /v1/decisions/{id}", "GET /v1/profiles", "GET /v1/profiles/{id}",
      "GET /v1/profiles/{id}/events", "POST /v1/profiles/{id}/unmerge", "GET /v1/definitions", "PUT /v1/definitions",
      "POST /v1/keys", "POST /v1/table", "GET /healthz",
      "GET /readyz", "GET /metrics", "GET /openapi.json",
    ]
    #expect(Set(promised).subtracting(operations.map(\.name)).isEmpty)
  }

  @Test func `operations have names of their own, parameters of the path and problems`() {
    #expect(Set(operations.compactMap { $0.value["operationId"]?.string }).count == operations.count)
    for (name, operation) in operations {
      let inPath = operation["parameters"]?.array?.filter { $0["in"]?.string == "path" }.count ?? 0
      #expect(inPath == name.count { $0 == "{" }, "\(name)")
      let bodies = operation["requestBody"]?["content"]?.object?.members ?? []
      #expect(bodies.isEmpty || bodies.contains { $0.value["example"] != nil }, "\(name) shows no body")
      let responses = operation["responses"]
      #expect(responses?["400"] != nil && responses?["200"] != nil, "\(name)")
      let needsKey = operation["security"]?.array?.isEmpty == false
      #expect((responses?["401"] != nil) == needsKey && (responses?["429"] != nil) == needsKey, "\(name)")
    }
  }

  @Test func `every schema that is referred to is there, and every schema is referred to`() {
    var used: Set<String> = []
    func collect(_ value: JSONValue) {
      switch value {
      case .array(let elements): elements.forEach(collect)
      case .object(let object):
        for member in object.members {
          if member.key == "$ref", let name = member.value.string?.split(separator: "/").last {
            used.insert(String(name))
          }
          collect(member.value)
        }
      default: break
      }
    }
    collect(document)
    let defined = Set(document["components"]?["schemas"]?.object?.members.map(\.key) ?? [])
    #expect(used.subtracting(defined).isEmpty)
    #expect(defined.subtracting(used).isEmpty)
  }
}
