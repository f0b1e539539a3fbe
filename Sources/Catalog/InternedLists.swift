/// Names and their numbers. Numbers are never taken back; there are as many as different names were ever used.
struct NameTable: Sendable {
  private(set) var names: [String] = []
  private var numbers: [String: UInt32] = [:]

  func number(of name: String) -> UInt32? { numbers[name] }

  mutating func intern(_ name: String) -> UInt32 {
    if let known = numbers[name] { return known }
    let number = UInt32(names.count)
    names.append(name)
    numbers[name] = number
    return number
  }
}

/// Short lists of numbers, each different one kept once and counted, since many items share their categories and regions.
/// List 0 is the empty one.
struct InternedLists: Sendable {
  private var lists: [[UInt32]] = [[]]
  private var users: [Int] = [0]
  private var numbers: [[UInt32]: UInt32] = [:]
  private var free: [UInt32] = []

  @inline(__always)
  subscript(number: UInt32) -> [UInt32] { lists[Int(number)] }

  /// How many different lists are kept, the empty one not counted.
  var count: Int { numbers.count }

  mutating func retain(_ list: [UInt32]) -> UInt32 {
    guard !list.isEmpty else { return 0 }
    if let known = numbers[list] {
      users[Int(known)] += 1
      return known
    }
    let number = free.popLast() ?? UInt32(lists.count)
    if number == lists.count {
      lists.append(list)
      users.append(1)
    } else {
      lists[Int(number)] = list
      users[Int(number)] = 1
    }
    numbers[list] = number
    return number
  }

  mutating func release(_ number: UInt32) {
    guard number != 0 else { return }
    users[Int(number)] -= 1
    guard users[Int(number)] == 0 else { return }
    numbers[lists[Int(number)]] = nil
    lists[Int(number)] = []
    free.append(number)
  }
}
