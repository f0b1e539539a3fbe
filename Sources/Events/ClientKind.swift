import Primitives

enum DeviceClass: String, Sendable { case mobile, tablet, desktop, tv }

/// What a browser's `User-Agent` tells of the device: a few words that vendors have kept for years, and no guess beyond
/// them. Crawlers are no device. (iPads that ask for desktop pages call themselves Macintosh, and count as desktop.)
struct ClientKind {
  enum System: String, Sendable {
    case ios = "iOS", android = "Android", windows = "Windows", macos = "macOS", chromeos = "ChromeOS", linux = "Linux"
  }

  let device: DeviceClass?
  let os: System?

  private struct Words: OptionSet {
    let rawValue: UInt16
    static let android = Words(rawValue: 1)
    static let mobile = Words(rawValue: 2)
    static let phone = Words(rawValue: 4)
    static let ipad = Words(rawValue: 8)
    static let tablet = Words(rawValue: 16)
    static let windows = Words(rawValue: 32)
    static let macintosh = Words(rawValue: 64)
    static let x11 = Words(rawValue: 128)
    static let cros = Words(rawValue: 256)
    static let tv = Words(rawValue: 512)
    static let crawler = Words(rawValue: 1_024)
  }

  /// nil when `view` is no text of at most 1,024 bytes.
  /// - Complexity: O(bytes), one pass, no allocation.
  init?(userAgent view: JSONView) {
    guard view.isString, view.range.count <= 1_026 else { return nil }
    self.init(Self.words(of: view.rawBytes))
  }

  private init(_ words: Words) {
    device =
      if words.contains(.crawler) {
        nil
      } else if words.contains(.tv) {
        .tv
      } else if !words.isDisjoint(with: [.ipad, .tablet]) || words.contains(.android) && !words.contains(.mobile) {
        .tablet
      } else if !words.isDisjoint(with: [.phone, .mobile]) {
        .mobile
      } else if !words.isDisjoint(with: [.windows, .macintosh, .x11, .cros]) {
        .desktop
      } else {
        nil
      }
    os =
      if words.contains(.android) {
        .android
      } else if words.contains(.ipad) || words.contains(.phone) && !words.contains(.windows) {
        .ios
      } else if words.contains(.cros) {
        .chromeos
      } else if words.contains(.windows) {
        .windows
      } else if words.contains(.macintosh) {
        .macos
      } else if words.contains(.x11) {
        .linux
      } else {
        nil
      }
  }

  private static func words(of text: ArraySlice<UInt8>) -> Words {
    text.withUnsafeBufferPointer { bytes in
      var found: Words = []
      func stands(_ word: StaticString, at index: Int) -> Bool {
        let count = word.utf8CodeUnitCount
        guard index + count <= bytes.count else { return false }
        for offset in 1..<count where bytes[index + offset] != word.utf8Start[offset] { return false }
        return true
      }
      for index in bytes.indices {
        switch bytes[index] {
        case UInt8(ascii: "A"): if stands("Android", at: index) { found.insert(.android) }
        case UInt8(ascii: "M"):
          if stands("Mobile", at: index) { found.insert(.mobile) }
          if stands("Macintosh", at: index) { found.insert(.macintosh) }
        case UInt8(ascii: "i"):
          if stands("iPhone", at: index) || stands("iPod", at: index) { found.insert(.phone) }
          if stands("iPad", at: index) { found.insert(.ipad) }
        case UInt8(ascii: "T"):
          if stands("TV", at: index) { found.insert(.tv) }
          if stands("Tablet", at: index) { found.insert(.tablet) }
        case UInt8(ascii: "R"): if stands("Roku", at: index) { found.insert(.tv) }
        case UInt8(ascii: "W"):
          if stands("Windows NT", at: index) { found.insert(.windows) }
          if stands("Windows Phone", at: index) { found.formUnion([.windows, .phone]) }
        case UInt8(ascii: "X"): if stands("X11", at: index) { found.insert(.x11) }
        case UInt8(ascii: "C"): if stands("CrOS", at: index) { found.insert(.cros) }
        case UInt8(ascii: "b"), UInt8(ascii: "B"): if stands("bot", at: index) { found.insert(.crawler) }
        case UInt8(ascii: "s"), UInt8(ascii: "S"): if stands("spider", at: index) { found.insert(.crawler) }
        default: break
        }
      }
      return found
    }
  }
}
