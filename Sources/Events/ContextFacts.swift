public import Primitives

/// The circumstances of an event or a question: where, on what, when in the person's day. Absent is nil.
public struct ContextFacts: Sendable, Hashable {
  /// `mobile`, `tablet`, `desktop`, `tv` or what the sender wrote.
  public var device: String?
  public var os: String?
  public var region: String?
  public var locale: String?
  /// IANA name, or an offset such as `+02:00`; nil when the sender's is unknown.
  public var timezone: String?
  /// Host of the referring page.
  public var referrer: String?
  public var campaign: String?
  /// Hour of the person's day, 0-23 (UTC when the zone is unknown).
  public var hour: Int?
  /// Monday 1 … Sunday 7 in the person's zone.
  public var weekday: Int?

  public init() {}

  /// Reads the facts of a `context`, an event's or a question's. What is of an unexpected kind counts as absent.
  ///
  /// - `device`: `context.device.type` or `context.device`, else what `context.userAgent` tells.
  /// - `os`: `context.os.name` or `context.os`, else what `context.userAgent` tells.
  /// - `region`: `context.region`, else `context.location` or its `region`, else its `country`.
  /// - `referrer`: the host of `context.page.referrer`, else of `context.referrer` or its `url`.
  /// - `campaign`: `context.campaign.name` or `context.campaign`.
  ///
  /// - Parameters:
  ///   - now: The moment of the event or question, for `hour` and `weekday`.
  ///   - zones: Those of the parser in force, so that the system need not be asked about a zone each time.
  public init(context: JSONView?, at now: Timestamp, zones: ZoneOffsets = ZoneOffsets()) {
    self.init(ContextFields(context), device: nil, location: nil, at: now, zones: zones)
  }

  /// - Parameters:
  ///   - device: The sender's own word beside the context, which goes before what a user agent tells.
  ///   - location: The same for the region.
  init(
    _ context: borrowing ContextFields, device: JSONView?, location: JSONView?, at now: Timestamp, zones: ZoneOffsets
  ) {
    let client = context[.userAgent].flatMap { ClientKind(userAgent: $0) }
    self.device =
      context[.device].flatMap { Self.device($0) } ?? device.flatMap { Self.device($0) } ?? client?.device?.rawValue
    os = context[.os].flatMap { Self.text($0, "name") } ?? client?.os?.rawValue
    region =
      context[.region]?.shortText() ?? context[.location].flatMap { Self.region($0) }
      ?? location.flatMap { Self.region($0) }
    locale = context[.locale]?.shortText()
    referrer =
      (context[.page]?["referrer" as StaticString]).flatMap { Self.host($0) }
      ?? context[.referrer].flatMap { Self.host($0.isObject ? $0["url" as StaticString] : $0) }
    campaign = context[.campaign].flatMap { Self.text($0, "name") }

    let zone = context[.timezone]?.shortText(max: ZoneOffsets.nameBytesMax)
    let offset = zone.flatMap { zones.offsetSeconds(of: $0, at: now) }
    timezone = offset == nil ? nil : zone
    let civil = CivilTime(now, offsetSeconds: offset ?? 0)
    hour = civil.hour
    weekday = civil.weekday
  }

  /// A text, or that member of an object.
  private static func text(_ view: JSONView, _ member: StaticString) -> String? {
    view.isObject ? view[member]?.shortText() : view.shortText()
  }

  private static func region(_ view: JSONView) -> String? {
    guard view.isObject else { return view.shortText() }
    return view["region" as StaticString]?.shortText() ?? view["country" as StaticString]?.shortText()
  }

  /// The class of a device where the word is known, else the word. Mobile libraries say `ios` for tablets too: the
  /// model tells.
  private static func device(_ view: JSONView) -> String? {
    guard let word = text(view, "type") else { return nil }
    switch word.lowercased() {
    case "ios", "iphone", "android", "phone", "smartphone", "mobile":
      let model = view.isObject ? view["model" as StaticString]?.shortText() : nil
      return model?.hasPrefix("iPad") == true ? DeviceClass.tablet.rawValue : DeviceClass.mobile.rawValue
    case "tablet", "ipad": return DeviceClass.tablet.rawValue
    case "desktop", "laptop", "pc": return DeviceClass.desktop.rawValue
    case "tv", "smarttv", "smart tv", "smart_tv": return DeviceClass.tv.rawValue
    default: return word
    }
  }

  /// `www.google.com` of `https://user@www.google.com:443/search?q=mug`, in lower case.
  private static func host(_ view: JSONView?) -> String? {
    guard let view, view.isString, view.range.count <= 4_096, var text = view.string else { return nil }
    return text.withUTF8 { bytes in
      // After the scheme's `://`, if any, up to what ends the host; then after the user and before the port.
      let colon = bytes.firstIndex { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") } ?? 0
      let hasScheme = bytes[colon...].starts(with: [0x3A, 0x2F, 0x2F])
      let rest = bytes[(hasScheme ? colon + 3 : 0)...]
      let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
      let start = authority.lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? authority.startIndex
      let host = authority[start...].prefix { $0 != UInt8(ascii: ":") }
      guard (1...253).contains(host.count) else { return nil }
      return String(decoding: host.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
  }
}
