import Events
import Primitives
import Testing

@Suite struct ContextFactsTests {
  private func facts(_ context: String, at now: Timestamp = noon) throws -> ContextFacts {
    ContextFacts(context: try JSONDocument(parsing: Array(context.utf8)).root, at: now)
  }

  @Test func `a context of a browser says where, on what and when`() throws {
    let facts = try facts(
      #"""
      {"userAgent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Version/17.4 Mobile/15E148 Safari/604.1",
       "locale": "de-DE", "timezone": "Europe/Berlin", "location": {"country": "DE", "region": "BY"},
       "page": {"referrer": "https://www.Google.com/search?q=mug"}, "campaign": {"name": "spring", "source": "mail"}}
      """#)
    var expected = ContextFacts()
    (expected.device, expected.os, expected.region, expected.locale) = ("mobile", "iOS", "BY", "de-DE")
    (expected.timezone, expected.hour, expected.weekday) = ("Europe/Berlin", 13, 7)
    (expected.referrer, expected.campaign) = ("www.google.com", "spring")
    #expect(facts == expected)
  }

  @Test func `nothing said leaves the hour and weekday of UTC`() {
    let facts = ContextFacts(context: nil, at: noon)
    var expected = ContextFacts()
    (expected.hour, expected.weekday) = (12, 7)
    #expect(facts == expected)
  }

  @Test func `what is of an unexpected kind counts as absent`() throws {
    let wild =
      #"{"device": 5, "os": [], "region": {}, "locale": true, "timezone": {}, "page": "x", "campaign": 1}"#
    #expect(try facts(wild) == ContextFacts(context: nil, at: noon))
    let long = String(repeating: "x", count: 200)
    #expect(
      try facts(#"{"device": "\#(long)", "region": "\#(long)", "timezone": "\#(long)"}"#)
        == ContextFacts(context: nil, at: noon))
  }

  @Test(
    arguments: [
      (#""desktop""#, "desktop"), (#""Mobile""#, "mobile"), (#"{"type": "ios"}"#, "mobile"),
      (#"{"type": "android", "model": "Pixel 8"}"#, "mobile"), (#"{"type": "ios", "model": "iPad14,1"}"#, "tablet"),
      (#""kiosk""#, "kiosk"), (#"{"model": "x"}"#, nil), (#"{"type": "smartTV"}"#, "tv"),
    ] as [(String, String?)])
  func `known words for devices are classes, others stand as they are`(device: String, expected: String?) throws {
    #expect(try facts(#"{"device": \#(device)}"#).device == expected)
  }

  @Test(
    arguments: [
      ("Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", "tablet", "iOS"),
      (
        "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/122.0 Mobile Safari/537.36", "mobile",
        "Android"
      ),
      ("Mozilla/5.0 (Linux; Android 13; SM-X900) AppleWebKit/537.36 Chrome/122.0 Safari/537.36", "tablet", "Android"),
      ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/122.0 Safari/537.36", "desktop", "Windows"),
      (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.3 Safari/605.1.15", "desktop",
        "macOS"
      ),
      ("Mozilla/5.0 (X11; Linux x86_64; rv:123.0) Gecko/20100101 Firefox/123.0", "desktop", "Linux"),
      ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/122.0", "desktop", "ChromeOS"),
      ("Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 Safari/538.1", "tv", nil),
      ("Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) Chrome/122.0 Mobile (compatible; Googlebot/2.1)", nil, "Android"),
      ("python-requests/2.31", nil, nil), ("", nil, nil),
    ] as [(String, String?, String?)])
  func `a user agent tells device and system by a few kept words`(agent: String, device: String?, os: String?) throws {
    let facts = try facts(#"{"userAgent": "\#(agent)"}"#)
    #expect(facts.device == device)
    #expect(facts.os == os)
  }

  @Test func `what is said of the device goes before what a user agent tells`() throws {
    let agent = #""userAgent": "Mozilla/5.0 (Windows NT 10.0)""#
    #expect(
      try facts(#"{\#(agent), "device": "tablet", "os": {"name": "iPadOS", "version": "17"}}"#).device == "tablet")
    let event = try read(
      #"{"user_id": "u", "event_type": "e", "device": {"type": "tv"}, "location": "DE", "context": {\#(agent)}}"#,
      as: .flat)
    #expect(event.context.device == "tv")
    #expect(event.context.region == "DE")
    let both = try read(
      #"{"user_id": "u", "event_type": "e", "device": "tv", "location": "DE","#
        + #" "context": {"device": "mobile", "region": "AT"}}"#,
      as: .flat)
    #expect(both.context.device == "mobile")
    #expect(both.context.region == "AT")
  }

  @Test(
    arguments: [
      (#""region": "AT", "location": {"region": "BY"}"#, "AT"),
      (#""location": {"region": "BY", "country": "DE"}"#, "BY"),
      (#""location": {"country": "DE"}"#, "DE"), (#""location": "DE""#, "DE"), (#""region": """#, nil),
    ] as [(String, String?)])
  func `the region is what the context calls so, else that of its location`(members: String, region: String?) throws {
    #expect(try facts("{\(members)}").region == region)
  }

  @Test(
    arguments: [
      ("https://shop.example/p?x=1", "shop.example"), ("http://user:pw@Shop.Example:8080", "shop.example"),
      ("https:\\/\\/m.facebook.com\\/", "m.facebook.com"),
      ("android-app://com.google.android.gm", "com.google.android.gm"),
      ("news.example#top", "news.example"), ("", nil), ("https://", nil), ("/local/path", nil),
    ] as [(String, String?)])
  func `a referrer is the host of the page`(address: String, host: String?) throws {
    #expect(try facts(#"{"page": {"referrer": "\#(address)"}}"#).referrer == host)
    #expect(try facts(#"{"referrer": {"url": "\#(address)"}}"#).referrer == host)
    #expect(try facts(#"{"referrer": "\#(address)"}"#).referrer == host)
  }

  @Test(
    arguments: [
      ("Europe/Berlin", "2026-03-29T00:59:59Z", 1, 7), ("Europe/Berlin", "2026-03-29T01:00:00Z", 3, 7),
      ("Europe/Berlin", "2026-10-25T00:59:59Z", 2, 7), ("Europe/Berlin", "2026-10-25T01:00:00Z", 2, 7),
      ("Europe/Berlin", "2026-10-25T02:00:00Z", 3, 7), ("America/New_York", "2026-03-02T04:30:00Z", 23, 7),
      ("Asia/Kolkata", "2026-03-01T18:29:59Z", 23, 7), ("Asia/Kolkata", "2026-03-01T18:30:00Z", 0, 1),
      ("Australia/Lord_Howe", "2026-04-04T14:59:59Z", 1, 7), ("Australia/Lord_Howe", "2026-04-04T15:00:00Z", 1, 7),
      ("+05:30", "2026-03-01T18:30:00Z", 0, 1), ("GMT+0530", "2026-03-01T18:30:00Z", 0, 1),
      ("UTC-3", "2026-03-01T02:00:00Z", 23, 6), ("UTC", "2026-03-01T02:00:00Z", 2, 7),
      ("Mars/Olympus", "2026-03-01T02:00:00Z", 2, 7), ("+99:00", "2026-03-01T02:00:00Z", 2, 7),
    ] as [(String, String, Int, Int)])
  func `hour and weekday are the person's`(zone: String, now: String, hour: Int, weekday: Int) throws {
    let zones = ZoneOffsets()
    let view = try JSONDocument(parsing: Array(#"{"timezone": "\#(zone)"}"#.utf8)).root
    let now = try #require(Timestamp(iso8601: now))
    // Asked in any order, the answers are the same.
    for other in [now, now + .seconds(86_400 * 200), now - .seconds(3_600), now] {
      _ = zones.offsetSeconds(of: zone, at: other)
    }
    let facts = ContextFacts(context: view, at: now, zones: zones)
    #expect(facts.hour == hour)
    #expect(facts.weekday == weekday)
    #expect((facts.timezone == nil) == (zone == "Mars/Olympus" || zone == "+99:00"))
  }

  @Test func `ever new zone names are answered and forgotten`() {
    let zones = ZoneOffsets()
    for number in 0..<2_000 { #expect(zones.offsetSeconds(of: "Nowhere/\(number)", at: noon) == nil) }
    #expect(zones.offsetSeconds(of: "Europe/Berlin", at: noon) == 3_600)
    for day in 0..<3_000 { _ = zones.offsetSeconds(of: "Europe/Berlin", at: noon - .seconds(86_400 * day)) }
    #expect(zones.offsetSeconds(of: "Europe/Berlin", at: noon) == 3_600)
  }
}
