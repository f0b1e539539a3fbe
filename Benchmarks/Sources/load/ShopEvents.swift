import Glibc

/// Events of a shop as a browser's Segment library sends them, about 1 KB each.
struct ShopEvents {
  let templates: [Template]
  private(set) var values: Template.Values
  private var draw: Draw
  private let userCount: Int
  private let itemCount: Int
  private var timeSeconds = 0

  init(userCount: Int, itemCount: Int, seed: UInt64) {
    self.userCount = userCount
    self.itemCount = itemCount
    draw = Draw(seed: seed)
    // So that no message id of an earlier run comes again.
    values = Template.Values(run: Array(hexadecimal(UInt64(monotonicNow()) &* 0x9E37_79B9_7F4A_7C15).utf8))
    templates = Self.makeTemplates()
    updateTime()
  }

  /// Draws the next event: its template and, in `values`, what changes.
  mutating func next() -> Template {
    values.message += 1
    values.user = draw.skewed(below: userCount)
    values.product = draw.skewed(below: itemCount)
    if values.message & 0xFF == 0 { updateTime() }
    return templates[draw.uniform(below: templates.count)]
  }

  private mutating func updateTime() {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    if now.tv_sec == timeSeconds { return }
    timeSeconds = now.tv_sec
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    var text = [CChar](repeating: 0, count: 32)
    strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S.000Z", &parts)
    values.time = text.prefix(24).map { UInt8(bitPattern: $0) }
  }

  private static func makeTemplates() -> [Template] {
    let names: [(name: String, share: Int)] = [
      ("Product Viewed", 62), ("Product Clicked", 14), ("Product Added", 12), ("Products Searched", 8),
      ("Order Completed", 4),
    ]
    let pages = ["kitchen", "garden", "sports-and-outdoor", "books", "toys"]
    let agents = [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    ]
    return names.flatMap { name, share in
      (0..<share).map { index in
        Template(text(name, page: pages[index % pages.count], agent: agents[index % agents.count], index))
      }
    }
  }

  private static func text(_ name: String, page: String, agent: String, _ index: Int) -> String {
    let product = """
      "product_id":"\(Template.product)","sku":"SKU-\(Template.product)","name":"Enamel mug with a wooden handle, 350 ml",\
      "category":"\(page)","brand":"Northwind","price":\(9 + index).90,"currency":"EUR","quantity":1,\
      "image_url":"https://cdn.example.com/images/\(Template.product)/large.jpg"
      """
    let properties =
      switch name {
      case "Products Searched": "\"query\":\"enamel mug \(page)\""
      case "Order Completed":
        """
        "order_id":"o-\(Template.message)","total":\(20 + index).80,"currency":"EUR","products":[{\(product)}]
        """
      default: product
      }
    return """
      {"type":"track","event":"\(name)","messageId":"\(Template.message)","userId":"\(Template.user)",\
      "anonymousId":"a-\(Template.user)","timestamp":"\(Template.time)","properties":{\(properties)},\
      "context":{"library":{"name":"analytics.js","version":"2.11.1"},"ip":"203.0.113.\(index)","locale":"de-DE",\
      "timezone":"Europe/Berlin","userAgent":"\(agent)","screen":{"width":1280,"height":800,"density":2},\
      "page":{"path":"/\(page)/\(Template.product)","referrer":"https://www.example.com/search?q=\(page)",\
      "search":"","title":"\(name) in \(page)","url":"https://shop.example.com/\(page)/\(Template.product)"},\
      "campaign":{"name":"summer-\(index)","source":"newsletter","medium":"email"}},\
      "integrations":{"All":true}}
      """
  }
}

private func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value >> 32, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
