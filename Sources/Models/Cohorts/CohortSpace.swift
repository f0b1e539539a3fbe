import Catalog
import Events
import Features
public import Primitives

/// What of people's acts cohorts are made of: three blocks of shares.
///
/// - interests: of item categories, an act counting by how much it binds (`ActStrength.attention`), divided among the item's
///   categories;
/// - habits: of kinds of acts;
/// - times: of the parts of the day, each visit counting once (acts less than half an hour apart are one visit), by UTC,
///   since a history does not keep where somebody was.
///
/// A person is a direction, for each column √(w · p): w is the weight of its block, p its share with `prior` imaginary acts of
/// the average person, so that few acts say little. Its length is 1, and the product of two directions is the weighted Hellinger
/// affinity of their shares.
public struct CohortSpace: Sendable, Hashable {
  /// Acts that are looked at, the latest.
  public static let actsMax = 50
  /// Acts that it takes to be placed.
  public static let actsMin = 5
  /// Categories that are told apart, those with most acts; acts on others say nothing.
  public static let categoriesMax = 64
  public static let visitGap: Duration = .seconds(1_800)
  static let prior: Float = 2

  public enum Block: Int, Sendable, CaseIterable {
    case interests, habits, times
  }

  public enum Habit: Int, Sendable, CaseIterable {
    case looking, keeping, buying, rating, refusing

    init?(_ kind: SignalKind) {
      switch kind {
      case .view, .click, .dwell: self = .looking
      case .save, .addToCart: self = .keeping
      case .purchase: self = .buying
      case .rating: self = .rating
      case .dismiss, .removeFromCart, .refund: self = .refusing
      case .impression, .search: return nil
      }
    }
  }

  public enum Time: Int, Sendable, CaseIterable {
    case night, morning, afternoon, evening

    init(_ time: Timestamp) {
      let day: Int64 = 86_400_000_000
      let ofDay = (time.microseconds % day + day) % day
      self = Time.allCases[Int(ofDay / (day / 4))]
    }
  }

  /// Columns of the block `interests`, most acts first.
  public let categories: [String]
  /// Shares of the average person, shape `[columnCount]`, summing to 1 in each block.
  public internal(set) var average: [Float]
  /// Of each block, in their order; they sum to 1.
  public internal(set) var weights: [Float]

  init(categories: [String], average: [Float], weights: [Float]) {
    precondition(average.count == Self.columnCount(categories.count) && weights.count == Block.allCases.count)
    (self.categories, self.average, self.weights) = (categories, average, weights)
  }

  public var columnCount: Int { Self.columnCount(categories.count) }

  static func columnCount(_ categories: Int) -> Int { categories + Habit.allCases.count + Time.allCases.count }

  public func columns(of block: Block) -> Range<Int> {
    let (interests, habits) = (categories.count, categories.count + Habit.allCases.count)
    return switch block {
    case .interests: 0..<interests
    case .habits: interests..<habits
    case .times: habits..<columnCount
    }
  }

  func block(of column: Int) -> Block {
    column < categories.count ? .interests : column < columns(of: .times).lowerBound ? .habits : .times
  }

  /// Columns of the categories, by their number in a catalogue.
  func columnsByCategory(in catalog: ItemCatalog) -> [UInt32: Int] {
    var columns: [UInt32: Int] = [:]
    for (column, name) in categories.enumerated() {
      if let number = catalog.categoryNumber(of: name) { columns[number] = column }
    }
    return columns
  }

  /// What some acts come to in each column, before they become shares, shape `[columnCount]`.
  /// - Parameter acts: Oldest first.
  func counts(of acts: some Sequence<Interaction>, byCategory: [UInt32: Int], catalog: ItemCatalog) -> [Float] {
    var counts = [Float](repeating: 0, count: columnCount)
    let (habits, times) = (columns(of: .habits).lowerBound, columns(of: .times).lowerBound)
    var last: Timestamp?
    for act in acts {
      guard let habit = Habit(act.kind) else { continue }
      counts[habits + habit.rawValue] += 1
      if last.map({ act.at - $0 >= Self.visitGap }) ?? true { counts[times + Time(act.at).rawValue] += 1 }
      last = act.at
      let attention = Float(ActStrength.attention(act))
      guard attention > 0 else { continue }
      let categories = catalog.categories(of: act.item)
      for category in categories {
        if let column = byCategory[category] { counts[column] += attention / Float(categories.count) }
      }
    }
    return counts
  }

  /// Where somebody with these counts points; nil where they say nothing of any block that counts.
  /// - Parameter counts: Shape `[columnCount]`.
  func direction(of counts: [Float]) -> [Float]? {
    var direction = [Float](repeating: 0, count: columnCount)
    var isKnown = false
    for block in Block.allCases where weights[block.rawValue] > 0 {
      let columns = columns(of: block)
      let mass = columns.reduce(0) { $0 + counts[$1] }
      if mass > 0 { isKnown = true }
      for column in columns {
        let share = (counts[column] + Self.prior * average[column]) / (mass + Self.prior)
        direction[column] = (weights[block.rawValue] * share).squareRoot()
      }
    }
    return isKnown ? direction : nil
  }
}

extension CohortSpace: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(count: categories.count)
    for name in categories { writer.write(string: name) }
    writer.write(floats: average)
    writer.write(floats: weights)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    var categories: [String] = []
    for _ in 0..<(try reader.readCount()) { categories.append(try reader.readString()) }
    guard categories.count <= Self.categoriesMax else { throw BinaryError("cohorts of \(categories.count) categories") }
    var average: [Float] = []
    for _ in 0..<Self.columnCount(categories.count) { average.append(try reader.readFloat()) }
    var weights: [Float] = []
    for _ in Block.allCases { weights.append(try reader.readFloat()) }
    self.init(categories: categories, average: average, weights: weights)
  }
}
