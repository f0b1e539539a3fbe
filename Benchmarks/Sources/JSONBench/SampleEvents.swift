import Primitives

/// Events as a shop's web page sends them through a Segment client, about 1 KB each.
enum SampleEvents {
  static func make(count: Int) -> [[UInt8]] {
    var generator = SeededGenerator(seed: 2026)
    return (0..<count).map { event(number: $0, using: &generator) }
  }

  private static func event(number: Int, using generator: inout SeededGenerator) -> [UInt8] {
    func hex(_ digits: Int, _ generator: inout SeededGenerator) -> String {
      String((0..<digits).map { _ in Array("0123456789abcdef").randomElement(using: &generator) ?? "0" })
    }
    let names = ["Product Viewed", "Product Added", "Product Clicked", "Products Searched", "Order Completed"]
    let titles = ["Enamel mug, 350 ml", "Wool blanket “Fjord”", "Café table", "Desk lamp \\\"Nils\\\"", "Linen shirt"]
    let uuid =
      "\(hex(8, &generator))-\(hex(4, &generator))-\(hex(4, &generator))-\(hex(4, &generator))-\(hex(12, &generator))"
    let product = Int.random(in: 1...20_000, using: &generator)
    let price = Double(Int.random(in: 199...49_900, using: &generator)) / 100
    let day = Int.random(in: 10...28, using: &generator)
    let text = """
      {"messageId":"ajs-next-\(1_772_000_000_000 + number)-\(uuid)","type":"track",\
      "timestamp":"2026-03-\(day)T09:3\(number % 10):12.\(100 + number % 900)Z","userId":"user_\(product * 7)",\
      "anonymousId":"\(uuid)","event":"\(names[number % names.count])","properties":{"product_id":"SKU-\(product)",\
      "sku":"\(hex(10, &generator))","name":"\(titles[number % titles.count])","category":"home/kitchen","brand":"Nordlys",\
      "price":\(price),"currency":"EUR","quantity":\(1 + number % 3),"position":\(number % 40),"list_id":"home_hero",\
      "coupon":null,"is_gift":\(number % 2 == 0),"url":"https://shop.example.com/p/\(product)?utm_source=news"},\
      "context":{"ip":"203.0.113.\(number % 255)","locale":"de-DE","timezone":"Europe/Berlin",\
      "userAgent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 \
      Safari/605.1.15","library":{"name":"analytics.js","version":"npm:next-1.70.0"},\
      "page":{"path":"/p/\(product)","referrer":"https://www.example.org/","search":"?utm_source=news",\
      "title":"Shop – \(titles[number % titles.count])","url":"https://shop.example.com/p/\(product)?utm_source=news"},\
      "campaign":{"source":"news","medium":"email","name":"spring"},"screen":{"width":1512,"height":982,"density":2},\
      "consent":{"categoryPreferences":{"advertising":false,"analytics":true}}},"integrations":{"All":true},\
      "sentAt":"2026-03-\(day)T09:3\(number % 10):13.\(100 + number % 900)Z"}
      """
    return Array(text.utf8)
  }
}
