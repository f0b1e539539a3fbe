/// Numbers of records that changed since the last checkpoint, each once.
struct ChangedSet: Sendable {
  private(set) var numbers: [UInt32] = []
  private var isIn: [Bool] = []

  @inline(__always)
  mutating func insert(_ number: UInt32) {
    if Int(number) >= isIn.count {
      isIn.append(contentsOf: repeatElement(false, count: Int(number) + 1 - isIn.count))
    }
    guard !isIn[Int(number)] else { return }
    isIn[Int(number)] = true
    numbers.append(number)
  }

  /// Gives all numbers, in ascending order, and forgets them.
  mutating func takeAll() -> [UInt32] {
    for number in numbers { isIn[Int(number)] = false }
    defer { numbers = [] }
    return numbers.sorted()
  }
}

/// Keys whose order is the order of the numbers.
enum RecordKey {
  static func bytes(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }

  static func number(_ key: [UInt8]) -> UInt32? {
    key.count == 4 ? key.reduce(0) { $0 << 8 | UInt32($1) } : nil
  }
}
