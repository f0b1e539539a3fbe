import Governance
import Primitives
import Testing

@testable import HTTPAPI

/// Training tables over HTTP: a line that says what comes, then the rows.
@Suite struct TableRouteTests {
  private func lines(_ answer: Client.Answer) throws -> [JSONValue] {
    try answer.text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
  }

  @Test func `moments have rows of their numbers, and what is yet to come is refused alone`() async throws {
    try await TestServer.run { server in
      let event = #"{"user_id":"ada","event_type":"view","item_id":"mug"}"#
      #expect(try await server.admin.post("/v1/events", event).status == 200)
      server.advance(by: .seconds(60))
      let moment = TestServer.start + .seconds(60)
      let people = [("ada", moment, 7), ("ada", moment + .seconds(1), 8), ("nobody", moment, 9)]
      let moments = people.map { name, at, row in
        #"{"namespace":"user_id","value":"\#(name)","at":"\#(at)","row":\#(row)}"#
      }
      let body = #"{"features":["views_7d"],"moments":[\#(moments.joined(separator: ","))]}"#
      let answer = try await server.admin.post("/v1/table", body)
      #expect(answer.status == 200, "\(answer.text)")
      let lines = try lines(answer)
      #expect(lines.first?["rows"]?.int == 2)
      #expect(lines.first?["features"]?.array?.map { $0["name"]?.string } == ["views_7d"])
      #expect(lines.first?["refused"]?.array?.map { $0["row"]?.int } == [8])
      #expect(lines.dropFirst().map { $0["row"]?.int } == [7, 9])
      #expect(lines.dropFirst().map { $0["features"]?["views_7d"]?.int } == [1, nil])
      #expect(lines.last?["profile_id"] == .null)
    }
  }

  @Test(arguments: [
    ("{}", 400, "missing_field"), (#"{"event":"view","decisions":{}}"#, 400, "missing_field"),
    (#"{"event":""}"#, 400, "invalid_parameter"), (#"{"event":"veiw"}"#, 404, "unknown_event"),
    (#"{"event":"view","features":["views_7"]}"#, 404, "unknown_feature"),
    (#"{"decisions":{"placement":"hom"}}"#, 404, "unknown_placement"),
    (#"{"event":"view","from":"yesterday"}"#, 400, "invalid_parameter"),
    (#"{"moments":[{"namespace":"user_id","value":"ada"}]}"#, 400, "invalid_type"),
    (#"{"moments":[],"from":"2026-03-01T00:00:00Z"}"#, 400, "invalid_parameter"),
  ])
  func `what cannot be answered is refused in words`(body: String, status: Int, code: String) async throws {
    try await TestServer.run { server in
      let answer = try await server.admin.post("/v1/table", body)
      #expect(answer.status == status && answer.code == code, "\(answer.text)")
      #expect(try await server.client("main", .collect).post("/v1/table", body).status == 403)
    }
  }
}
