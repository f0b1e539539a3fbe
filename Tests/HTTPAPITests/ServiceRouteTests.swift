import Governance
import Primitives
import Testing

@testable import HTTPAPI

@Suite struct CatalogRouteTests {
  @Test(arguments: [
    #"[{"item_id":"mug","title":"Mug"},{"item_id":"pan"}]"#,
    "{\"item_id\":\"mug\",\"title\":\"Mug\"}\n{\"item_id\":\"pan\"}",
    "\n{\"item_id\":\"mug\",\"title\":\"Mug\"}\r\n\r\n{\"item_id\":\"pan\"}\n",
  ])
  func `items are taken as an array and as lines`(body: String) async throws {
    try await TestServer.run { server in
      let put = try await server.admin.send("PUT", "/v1/catalog/items", Array(body.utf8))
      #expect(put.json["accepted"]?.int == 2, "\(put.text)")
      #expect(try await server.admin.get("/v1/catalog/items/mug").json["title"]?.string == "Mug")
      #expect(try await server.admin.get("/v1/catalog/items/pan").status == 200)
    }
  }

  @Test func `one item may stand over several lines`() async throws {
    try await TestServer.run { server in
      let put = try await server.admin.send("PUT", "/v1/catalog/items", Array("{\n \"item_id\": \"mug\"\n}\n".utf8))
      #expect(put.json["accepted"]?.int == 1)
    }
  }

  @Test func `a bad line is named and the others count`() async throws {
    try await TestServer.run { server in
      let body =
        "{\"item_id\":\"mug\"}\n\n{\"item_id\":\n{\"title\":\"none\"}\n{\"item_id\":\"pan\",\"price\":\"x\"}\n{\"item_id\":\"pot\"}"
      let put = try await server.admin.send("PUT", "/v1/catalog/items", Array(body.utf8))
      #expect(put.status == 200)
      #expect(put.json["accepted"]?.int == 2)
      #expect(put.json["rejected"]?.array?.map { $0["line"]?.int } == [3, 4, 5])
      #expect(
        put.json["rejected"]?.array?.map { $0["code"]?.string } == ["invalid_json", "missing_field", "wrong_type"])
      let array = #"[{"item_id":"a"},5,{"item_id":"b"}]"#
      let second = try await server.admin.send("PUT", "/v1/catalog/items", Array(array.utf8))
      #expect(second.json["rejected"]?.array?.map { $0["line"]?.int } == [2])
      for unreadable in ["", "  \n", "[{]", "nonsense\nin two lines", "\"mug\"", "5"] {
        #expect(try await server.admin.send("PUT", "/v1/catalog/items", Array(unreadable.utf8)).status == 400)
      }
    }
  }

  @Test func `an item is read, patched and removed by its id, whatever it holds`() async throws {
    try await TestServer.run { server in
      let id = "a b/c?ü"
      let path = "/v1/catalog/items/a%20b%2Fc%3F%C3%BC"
      _ = try await server.admin.send("PUT", "/v1/catalog/items", Array(#"[{"item_id":"\#(id)","stock":3}]"#.utf8))
      #expect(try await server.admin.get(path).json["item_id"]?.string == id)
      let patched = try await server.admin.send("PATCH", path, Array(#"{"stock":0,"title":"T"}"#.utf8))
      #expect(patched.json["stock"]?.int == 0)
      #expect(patched.json["title"]?.string == "T")
      #expect(try await server.admin.send("PATCH", path, Array(#"{"stock":-1}"#.utf8)).status == 400)
      #expect(try await server.admin.send("PATCH", path, Array(#"{"sotck":1}"#.utf8)).status == 400)
      #expect(try await server.admin.send("DELETE", path).json["item_id"]?.string == id)
      for method in ["GET", "DELETE"] { #expect(try await server.admin.send(method, path).status == 404) }
      #expect(try await server.admin.send("PATCH", path, Array("{}".utf8)).status == 404)
    }
  }

  @Test func `pages hold every item once, and a size above the largest is cut`() async throws {
    try await TestServer.run { server in
      let items = (0..<25).map { #"{"item_id":"item \#($0)"}"# }.joined(separator: "\n")
      _ = try await server.admin.send("PUT", "/v1/catalog/items", Array(items.utf8))
      var seen: [String] = []
      var query = "?limit=10"
      while true {
        let page = try await server.admin.get("/v1/catalog/items" + query).json
        seen += page["items"]?.array?.compactMap { $0["item_id"]?.string } ?? []
        guard let next = page["next"]?.string else { break }
        #expect(next.wholeMatch(of: /[A-Za-z0-9_-]+/) != nil)
        query = "?limit=10&cursor=\(next)"
      }
      #expect(seen.count == 25 && Set(seen).count == 25)
      #expect(try await server.admin.get("/v1/catalog/items?limit=100000").json["items"]?.array?.count == 25)
    }
  }
}

@Suite struct DecisionRouteTests {
  private func stock(_ server: TestServer) async throws {
    let items = (0..<5).map { #"{"item_id":"i\#($0)","title":"Item \#($0)"}"# }.joined(separator: "\n")
    _ = try await server.admin.send("PUT", "/v1/catalog/items", Array(items.utf8))
  }

  @Test func `a decision has all the members of the interface and is found again`() async throws {
    try await TestServer.run { server in
      try await stock(server)
      for answer in [
        try await server.admin.post("/v1/decide", #"{"user_id":"u","count":3}"#),
        try await server.admin.get("/v1/recommendations?user_id=u&count=3"),
        try await server.admin.get("/v1/recommendations?anonymous_id=a&count=3&placement=home&exclude=x&exclude=y"),
      ] {
        #expect(answer.status == 200, "\(answer.text)")
        let keys = answer.json.object?.members.map(\.key)
        #expect(keys == ["decision_id", "placement", "items", "stage", "holdout", "fallback", "versions"])
        #expect(answer.json["items"]?.array?.count == 3)
        #expect(
          answer.json["items"]?.array?.first?.object?.members.map(\.key) == [
            "item_id", "rank", "score", "propensity", "reasons",
          ])
        let id = try #require(answer.json["decision_id"]?.string)
        #expect(try await server.admin.get("/v1/decisions/\(id)").json["decision_id"]?.string == id)
      }
    }
  }

  @Test func `several placements are answered together`() async throws {
    try await TestServer.run { server in
      try await stock(server)
      let body = #"{"user_id":"u","count":4,"placements":["home",{"placement":"home","count":1},{"anonymous_id":"b"}]}"#
      let answer = try await server.admin.post("/v1/decide", body)
      #expect(answer.json["decisions"]?.array?.map { $0["items"]?.array?.count } == [4, 1, 4], "\(answer.text)")
      let bad = try await server.admin.post("/v1/decide", #"{"user_id":"u","placements":["home","nowhere"]}"#)
      #expect(bad.status == 404)
      #expect(bad.json["field"]?.string == "placements[1].placement")
    }
  }

  @Test(arguments: [
    (#"{}"#, 400, "missing_field", "user_id"), (#"{"user_id":null}"#, 400, "missing_field", "user_id"),
    (#"{"user_id":""}"#, 400, "missing_field", "user_id"), (#"{"user_id":{}}"#, 400, "invalid_type", "user_id"),
    (#"{"user_id":"u","placement":"nowhere"}"#, 404, "unknown_placement", "placement"),
    (#"{"user_id":"u","placement":5}"#, 400, "invalid_type", "placement"),
    (#"{"user_id":"u","count":0}"#, 400, "invalid_type", "count"),
    (#"{"user_id":"u","count":2.5}"#, 400, "invalid_type", "count"),
    (#"{"user_id":"u","count":100000}"#, 400, "invalid_count", "count"),
    (#"{"user_id":"u","filter":"item.price <"}"#, 400, "invalid_filter", "filter"),
    (#"{"user_id":"u","filter":[]}"#, 400, "invalid_type", "filter"),
    (#"{"user_id":"u","context":"x"}"#, 400, "invalid_type", "context"),
    (#"{"user_id":"u","exclude":"mug"}"#, 400, "invalid_type", "exclude"),
    (#"{"user_id":"u","exclude":["a",null]}"#, 400, "invalid_type", "exclude[1]"),
    (#"{"user_id":"u","placements":{}}"#, 400, "invalid_type", "placements"),
    (#"{"user_id":"u","placements":[]}"#, 400, "invalid_parameter", "placements"),
    (#"{"user_id":"u","placements":[5]}"#, 400, "invalid_type", "placements[0]"),
  ])
  func `a question that cannot be answered says what is wrong`(
    body: String, status: Int, code: String, field: String
  ) async throws {
    try await TestServer.run { server in
      let answer = try await server.admin.post("/v1/decide", body)
      #expect(answer.status == status)
      #expect(answer.code == code)
      #expect(answer.json["field"]?.string == field)
    }
  }

  @Test func `unknown people, items and an empty catalogue are no errors`() async throws {
    try await TestServer.run { server in
      let empty = try await server.admin.post("/v1/decide", #"{"user_id":7,"exclude":["none"],"similar_to":["none"]}"#)
      #expect(empty.status == 200)
      #expect(empty.json["items"]?.array == [])
      #expect(empty.json["fallback"]?.string == "no_candidates")
      #expect(try await server.admin.get("/v1/popular").json["items"]?.array == [])
      #expect(try await server.admin.get("/v1/items/none/similar").status == 404)
      try await stock(server)
      #expect(try await server.admin.get("/v1/items/i1/similar?count=2").status == 200)
    }
  }
}

@Suite struct DefinitionRouteTests {
  @Test func `files come into force together or not at all`() async throws {
    try await TestServer.run { server in
      let good = #"{"files":[{"path":"placements.yaml","text":"placements:\n  cart:\n    count: 3\n"}]}"#
      let bad = #"{"files":[{"path":"placements.yaml","text":"placements:\n  cart:\n    cuont: 3\n"}]}"#
      #expect(try await server.admin.get("/v1/definitions").json["version"]?.int == 0)
      let check = try await server.admin.post("/v1/definitions/check", bad)
      #expect(check.status == 200)
      #expect(check.json["valid"]?.bool == false)
      let place = try #require(check.json["errors"]?.array?.first)
      #expect(place["file"]?.string == "placements.yaml" && place["line"]?.int == 3, "\(check.text)")
      let refused = try await server.admin.send("PUT", "/v1/definitions", Array(bad.utf8))
      #expect(refused.status == 400)
      #expect(refused.code == "invalid_definitions")
      #expect(refused.json["errors"]?.array?.count == 1)
      #expect(try await server.admin.get("/v1/definitions").json["version"]?.int == 0)
      #expect(try await server.admin.post("/v1/definitions/check", good).json["valid"]?.bool == true)
      #expect(try await server.admin.send("PUT", "/v1/definitions", Array(good.utf8)).json["version"]?.int == 1)
      let read = try await server.admin.get("/v1/definitions").json
      #expect(read["files"]?.array?.first?["path"]?.string == "placements.yaml")
      #expect(try await server.admin.post("/v1/decide", #"{"user_id":"u","placement":"cart"}"#).status == 200)
    }
  }

  @Test(arguments: [
    "../a.yaml", "/a.yaml", "a/../b.yaml", "a.txt", ".yaml", "a//b.yaml", "a\\\\b.yaml", "", "a b.yaml", "./a.yaml",
  ])
  func `a path that leads out of the folder is refused`(path: String) async throws {
    try await TestServer.run { server in
      let body = #"{"files":[{"path":"\#(path)","text":""}]}"#
      let answer = try await server.admin.post("/v1/definitions/check", body)
      #expect(answer.code == "invalid_parameter")
    }
  }
}

@Suite struct KeyRouteTests {
  @Test func `an admin of main makes keys anywhere, others at home`() async throws {
    try await TestServer.run { server in
      let made = try await server.admin.post("/v1/keys", #"{"workspace":"shop","scopes":["read","admin","read"]}"#)
      #expect(made.status == 200)
      #expect(made.json["workspace"]?.string == "shop")
      #expect(made.json["scopes"]?.array == ["admin", "read"])
      let shop = Client(address: server.address, key: try #require(made.json["key"]?.string))
      #expect(try await shop.post("/v1/keys", #"{"scopes":["collect"]}"#).json["workspace"]?.string == "shop")
      #expect(try await shop.get("/v1/keys").json["keys"]?.array?.count == 2)
      #expect(try await server.admin.get("/v1/keys?workspace=shop").json["keys"]?.array?.count == 2)
      for body in [#"{"workspace":"main","scopes":["read"]}"#, #"{"workspace":"third","scopes":["read"]}"#] {
        #expect(try await shop.post("/v1/keys", body).code == "foreign_workspace")
      }
      #expect(try await shop.get("/v1/keys?workspace=main").status == 403)
    }
  }

  @Test(arguments: [
    (#"{}"#, "missing_field"), (#"{"scopes":[]}"#, "missing_field"), (#"{"scopes":"read"}"#, "invalid_type"),
    (#"{"scopes":["root"]}"#, "invalid_type"), (#"{"scopes":["read"],"workspace":"A B"}"#, "invalid_parameter"),
    (#"{"scopes":["read"],"workspace":7}"#, "invalid_type"),
  ])
  func `a key that cannot be made is refused`(body: String, code: String) async throws {
    try await TestServer.run { server in
      let answer = try await server.admin.post("/v1/keys", body)
      #expect(answer.status == 400)
      #expect(answer.code == code)
    }
  }

  @Test func `the last admin key of main cannot be removed, and no list shows a secret`() async throws {
    try await TestServer.run { server in
      let list = try await server.admin.get("/v1/keys")
      #expect(!list.text.contains("atn_"))
      let id = try #require(list.json["keys"]?.array?.first?["id"]?.string)
      let refused = try await server.admin.send("DELETE", "/v1/keys/\(id)")
      #expect(refused.status == 409)
      #expect(refused.code == "last_admin_key")
      #expect(try await server.admin.send("DELETE", "/v1/keys/k_none").status == 404)
    }
  }
}
