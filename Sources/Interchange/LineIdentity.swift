import Primitives

/// Names the lines of a file, so that an event of a file that is imported twice counts once.
///
/// The id depends on the file's name without its folder, the line's number and its text: two equal lines of one file are two
/// events, and a file that has grown at its end gives its old lines their old ids.
struct LineIdentity: Sendable {
  // Any key would do; it must never change, or imports of yesterday would count again.
  private static let hash = StableHash(key0: 0x6174_7475_6e65_2e69, key1: 0x6d70_6f72_742e_7631)
  private let file: String

  init(file: String) { self.file = file }

  func messageID(line number: Int, text: some Collection<UInt8>) -> String {
    var named = Array("\(file)\n\(number)\n".utf8)
    named.append(contentsOf: text)
    let digest = Self.hash.hash128(named)
    return "import-\(SortableID(high: digest.high, low: digest.low))"
  }
}
