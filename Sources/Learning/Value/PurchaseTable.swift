import Documents
import Foundation
public import Models
public import Primitives

/// Customers with their purchases, as a file tells them: a log of transactions, or a row for each customer.
///
/// Purchases of one day are one purchase, worth their sum. Times are in weeks.
public struct PurchaseTable: Sendable {
  public static let secondsPerWeek = 604_800.0

  public struct Customer: Sendable {
    public let id: String
    public let history: PurchaseHistory
    /// Of the repeat purchases: by custom the first one is left out, as it differs from the others.
    public let spend: GammaGamma.Spend
    /// After the end of the histories, when the file goes on.
    public var laterPurchases = 0
    public var laterValue = 0.0
  }

  public var customers: [Customer] = []
  public var hasAmounts = false
  /// Day until which histories reach, and the last one of the file; nil in a table of customers.
  public var until: Timestamp?
  public var last: Timestamp?
  /// What was left aside, with how often.
  public var notes: [String] = []

  /// Weeks from the end of the histories to the end of the file.
  public var weeksAfter: Double {
    guard let until, let last else { return 0 }
    return max(0, (last - until).inSeconds / Self.secondsPerWeek)
  }

  /// A day from `19970930`, `1997-09-30`, another ISO 8601 moment, or seconds (milli-, microseconds) since 1970.
  public static func moment(_ text: String) -> Timestamp? {
    if text.utf8.count == 8, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      let digits = Array(text)
      return Timestamp(iso8601: "\(String(digits[0..<4]))-\(String(digits[4..<6]))-\(String(digits[6..<8]))")
    }
    return TableReader.moment(text)
  }
}

/// A log of transactions, a purchase a row, in any order.
public struct TransactionLog: Sendable, Hashable {
  public var path: String
  public var hasHeader: Bool
  public var customer: String
  public var time: String
  public var amount: String?
  /// Histories end with this moment's day; nil means the last of the file.
  public var until: Timestamp?
  /// Purchases after this moment's day are not looked at.
  public var ignoringAfter: Timestamp?
  /// Rows that cannot be used are counted and left aside; without this the first one is an error.
  public var skipsBadRows: Bool

  public init(
    path: String, hasHeader: Bool = true, customer: String, time: String, amount: String? = nil,
    until: Timestamp? = nil, ignoringAfter: Timestamp? = nil, skipsBadRows: Bool = false
  ) {
    self.path = path
    self.hasHeader = hasHeader
    self.customer = customer
    self.time = time
    self.amount = amount
    self.until = until
    self.ignoringAfter = ignoringAfter
    self.skipsBadRows = skipsBadRows
  }

  private struct Purchase {
    let customer: UInt32
    let day: Int32
    let amount: Double
  }

  /// - Throws: `DocumentError` with the line of what cannot be read; a negative amount cannot.
  /// - Complexity: O(rows · log rows), 16 bytes a row and the customers' names.
  public func load(progress: (Int) -> Void = { _ in }) throws -> PurchaseTable {
    var file = try TextTable(path: path, hasHeader: hasHeader)
    let places = (
      customer: try file.place(of: customer), time: try file.place(of: time),
      amount: try amount.map { try file.place(of: $0) }
    )
    var numbers: [String: UInt32] = [:]
    var names: [String] = []
    var purchases: [Purchase] = []
    var bad: [String: (count: Int, line: Int)] = [:]
    var rows = 0
    while let row = try file.next() {
      rows += 1
      if rows % 100_000 == 0 { progress(rows) }
      switch read(row, places) {
      case .failure(let fault):
        guard skipsBadRows else {
          throw file.error(line: row.line, fault.reason + "; --skip-bad-rows leaves such rows aside")
        }
        bad[fault.kind, default: (0, row.line)].count += 1
      case .success(let read):
        if let ignoringAfter, read.day > Self.day(ignoringAfter) { continue }
        let number = numbers[read.id] ?? UInt32(names.count)
        if Int(number) == names.count {
          numbers[read.id] = number
          names.append(read.id)
        }
        purchases.append(Purchase(customer: number, day: read.day, amount: read.amount))
      }
    }
    guard !purchases.isEmpty else { throw file.error(line: 2, "found no purchases") }
    purchases.sort { ($0.customer, $0.day) < ($1.customer, $1.day) }
    var table = table(of: purchases, names)
    table.hasAmounts = amount != nil
    for (kind, found) in bad.sorted(by: { $0.key < $1.key }) {
      table.notes.append("\(found.count) rows left aside: \(kind) (the first on line \(found.line))")
    }
    return table
  }

  private struct Fault: Error {
    let kind: String
    let reason: String
  }

  private func read(
    _ row: TextTable.Row, _ places: (customer: Int, time: Int, amount: Int?)
  ) -> Result<(id: String, day: Int32, amount: Double), Fault> {
    guard let id = row[places.customer], !id.isEmpty else {
      return .failure(Fault(kind: "no customer", reason: "the field '\(customer)' is empty"))
    }
    let written = row[places.time] ?? ""
    guard let moment = PurchaseTable.moment(written) else {
      return .failure(
        Fault(
          kind: "no date",
          reason: "found '\(written.prefix(40))' as the time, expected 1997-09-30, 19970930 or seconds since 1970"))
    }
    guard let place = places.amount else { return .success((id, Self.day(moment), 0)) }
    let text = row[place] ?? ""
    guard let amount = Double(text), amount.isFinite else {
      return .failure(
        Fault(
          kind: "an amount that is no number", reason: "found '\(text.prefix(40))' as the amount, expected a number"))
    }
    guard amount >= 0 else {
      return .failure(
        Fault(
          kind: "a negative amount", reason: "found the amount \(text), expected at least 0: a return is no purchase"))
    }
    return .success((id, Self.day(moment), amount))
  }

  /// Days since 1970, UTC.
  private static func day(_ moment: Timestamp) -> Int32 {
    Int32(clamping: Int((moment.secondsSince1970 / 86_400).rounded(.down)))
  }

  /// - Parameter purchases: By customer and day.
  private func table(of purchases: [Purchase], _ names: [String]) -> PurchaseTable {
    let lastDay = purchases.reduce(Int32.min) { max($0, $1.day) }
    let end = until.map(Self.day) ?? lastDay
    var table = PurchaseTable()
    table.until = Timestamp(seconds: Int64(end) * 86_400)
    table.last = Timestamp(seconds: Int64(lastDay) * 86_400)
    var late = 0
    var start = 0
    while start < purchases.count {
      var next = start
      while next < purchases.count, purchases[next].customer == purchases[start].customer { next += 1 }
      if purchases[start].day <= end {
        table.customers.append(Self.customer(purchases[start..<next], end: end, names[Int(purchases[start].customer)]))
      } else {
        late += 1
      }
      start = next
    }
    if late > 0 { table.notes.append("\(late) customers first bought after the end and are left out") }
    return table
  }

  private static func customer(_ purchases: ArraySlice<Purchase>, end: Int32, _ id: String) -> PurchaseTable.Customer {
    let first = purchases[purchases.startIndex].day
    var (day, lastDay) = (first, first)
    var (repeats, later) = (0, 0)
    var (sum, laterSum) = (0.0, 0.0)
    for purchase in purchases {
      let isNewDay = purchase.day != day
      day = purchase.day
      if purchase.day > end {
        later += isNewDay ? 1 : 0
        laterSum += purchase.amount
      } else if purchase.day > first {
        repeats += isNewDay ? 1 : 0
        sum += purchase.amount
        lastDay = purchase.day
      }
    }
    return PurchaseTable.Customer(
      id: id,
      history: PurchaseHistory(frequency: repeats, recency: Double(lastDay - first) / 7, age: Double(end - first) / 7),
      spend: GammaGamma.Spend(count: repeats, mean: repeats > 0 ? sum / Double(repeats) : 0), laterPurchases: later,
      laterValue: laterSum)
  }
}

/// A row for each customer: repeat purchases x, recency t_x, age T, and perhaps the mean amount of a repeat purchase.
public struct CustomerSummary: Sendable, Hashable {
  public var path: String
  public var hasHeader: Bool
  /// nil numbers them from 1.
  public var customer: String?
  public var frequency: String
  public var recency: String
  public var age: String
  public var amount: String?

  public init(
    path: String, hasHeader: Bool = true, customer: String?, frequency: String, recency: String, age: String,
    amount: String? = nil
  ) {
    self.path = path
    self.hasHeader = hasHeader
    self.customer = customer
    self.frequency = frequency
    self.recency = recency
    self.age = age
    self.amount = amount
  }

  /// - Throws: `DocumentError` with the line of what cannot be a customer.
  public func load(progress: (Int) -> Void = { _ in }) throws -> PurchaseTable {
    var file = try TextTable(path: path, hasHeader: hasHeader)
    let places = (
      customer: try customer.map { try file.place(of: $0) }, frequency: try file.place(of: frequency),
      recency: try file.place(of: recency), age: try file.place(of: age),
      amount: try amount.map { try file.place(of: $0) }
    )
    var table = PurchaseTable()
    table.hasAmounts = amount != nil
    while let row = try file.next() {
      func number(_ place: Int, _ name: String) throws -> Double {
        guard let text = row[place], let number = Double(text), number.isFinite else {
          throw file.error(line: row.line, "found '\((row[place] ?? "").prefix(40))' as \(name), expected a number")
        }
        return number
      }
      let count = try number(places.frequency, frequency)
      guard count >= 0, count < 1e9, count == count.rounded() else {
        throw file.error(line: row.line, "found \(count) repeat purchases, expected a whole number from 0")
      }
      let history = PurchaseHistory(
        frequency: Int(count), recency: try number(places.recency, recency), age: try number(places.age, age))
      if let fault = history.fault { throw file.error(line: row.line, fault) }
      var mean = 0.0
      if let place = places.amount, count > 0 {
        mean = try number(place, amount ?? "")
        guard mean >= 0 else { throw file.error(line: row.line, "found the mean amount \(mean), expected at least 0") }
      }
      let id = places.customer.flatMap { row[$0] } ?? String(table.customers.count + 1)
      table.customers.append(
        PurchaseTable.Customer(id: id, history: history, spend: GammaGamma.Spend(count: Int(count), mean: mean)))
      if table.customers.count % 100_000 == 0 { progress(table.customers.count) }
    }
    guard !table.customers.isEmpty else { throw file.error(line: 2, "found no customers") }
    return table
  }
}
