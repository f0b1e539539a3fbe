/// Fills the workspace before a run: the catalogue, and some history of the people.
struct Preparation {
  let target: Target
  let itemCount: Int
  let eventCount: Int

  func run(events: ShopEvents) throws {
    let connection = try BlockingConnection(target)
    for start in stride(from: 0, to: itemCount, by: 1_000) {
      let lines = (start..<min(start + 1_000, itemCount)).map { item($0) }
      _ = try connection.expectOK(
        "PUT", "/v1/catalog/items", Array(lines.joined(separator: "\n").utf8), contentType: "application/x-ndjson")
    }
    var events = events
    for _ in 0..<eventCount / 100 {
      var body = Array(#"{"batch":["#.utf8)
      for number in 0..<100 {
        if number > 0 { body.append(0x2C) }
        events.next().append(to: &body, events.values)
      }
      body += #"]}"#.utf8
      _ = try connection.expectOK("POST", "/v1/batch", body)
    }
  }

  private func item(_ number: Int) -> String {
    let kinds = ["mug", "lamp", "chair", "kettle", "rug", "shelf", "clock", "vase"]
    let looks = ["enamel", "oak", "linen", "steel", "glass", "woollen", "ceramic"]
    let (kind, look) = (kinds[number % kinds.count], looks[number / kinds.count % looks.count])
    return """
      {"item_id":"\(itemName(number))","title":"\(look) \(kind) \(number)","text":"A \(look) \(kind) for every day.",\
      "categories":["\(kind)"],"tags":["\(look)"],"price":\(5 + number % 90).90,"currency":"EUR",\
      "margin":\(1 + number % 9).5,"available":true,"stock":1000000,"attributes":{"colour":"c\(number % 12)"}}
      """
  }
}
