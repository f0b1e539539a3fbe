/// The categories of a data set's items.
public struct ItemCategories: Sendable, Hashable {
  /// By item; empty for items of which nothing is said.
  private var numbers: [[UInt32]] = []
  private var names = Numbering()

  public init() {}

  /// Different categories that were named.
  public var count: Int { names.count }

  public func categories(of item: UInt32) -> [UInt32] { Int(item) < numbers.count ? numbers[Int(item)] : [] }

  /// - Parameter text: Names parted by `|`; what an item has already counts once.
  mutating func add(_ text: String, to item: UInt32) {
    while numbers.count <= Int(item) { numbers.append([]) }
    for part in text.split(separator: "|") {
      let name = part.trimmingSpaces
      guard !name.isEmpty else { continue }
      let number = names.number(of: name)
      if !numbers[Int(item)].contains(number) { numbers[Int(item)].append(number) }
    }
  }
}

extension Substring {
  fileprivate var trimmingSpaces: String {
    var text = drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
