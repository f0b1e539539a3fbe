public import Catalog
public import Events
public import Features
import Mathematics
public import Primitives

/// A trained `ImplicitALS` that serves: a person's vector is solved from the items they liked, at every question anew, so that
/// people who came after the training have one too, and what somebody did a moment ago counts.
///
///     w = argmin Σ_{i liked} (wᵀhᵢ − 1)² + α₀ Σ_i (wᵀhᵢ)² + λ|w|²        score(i) = min(1, max(0, wᵀhᵢ))
///
/// Items that came after the training get a vector from the people who like them, in the same way; the next training takes
/// them over. Of these there are at most `newcomersMax`, and no more than fit into `newcomerBytesMax`; of each the first
/// `newcomerPeopleMax` people count.
///
/// Proposals come from all items (`FactorTable.best`) and from the newcomers; every item that has a vector is scored when others
/// propose it.
/// - Complexity: a question is O(n d · min(n, d)) for n liked items and O(d) for each item; a fold is O(1) but for a newcomer,
///   which takes a question and O(d³).
public struct FactorModel: CandidateModel {
  /// Likings of a person that are looked at: the latest.
  static let seedsMax = 100
  static let newcomersMax = 2_000
  /// Each takes d² numbers.
  static let newcomerBytesMax = 128 << 20
  static let newcomerPeopleMax = 64

  public let name = ImplicitALS.name
  public let version: String
  public let isPersonal = true
  public let table: FactorTable
  var newcomers: [UInt32: Newcomer] = [:]
  private var changed: Set<UInt32> = []

  /// An item that came after the training.
  struct Newcomer: Sendable {
    var people: GrowingRidge
    /// Shape `[d]`; nil while it cannot be solved.
    var vector: [Float]?
  }

  public init(_ table: FactorTable, version: String) {
    self.table = table
    self.version = version
  }

  /// Whether an act says that the person likes the item.
  public static func isLiking(_ act: Interaction) -> Bool { ActStrength.liking(act) > 0 }

  // MARK: Learning

  public mutating func fold(
    _ interaction: Interaction, history: [Interaction], context: ContextFacts, catalog: ItemCatalog
  ) {
    let item = interaction.item.rawValue
    guard Self.isLiking(interaction), table.row(of: interaction.item) == nil else { return }
    if let known = newcomers[item] {
      guard known.people.count < Self.newcomerPeopleMax else { return }
    } else {
      let size = table.dimensions
      guard newcomers.count < min(Self.newcomersMax, Self.newcomerBytesMax / (4 * size * size)) else { return }
    }
    // A person counts once for an item, as in the training.
    let liked = history.filter(Self.isLiking)
    guard !liked.contains(where: { $0.item == interaction.item }),
      let person = table.vector(ofPersonWith: Set(liked.compactMap { table.row(of: $0.item) }).sorted())
    else { return }
    var newcomer = newcomers[item] ?? Newcomer(people: GrowingRidge(size: table.dimensions), vector: nil)
    newcomer.people.add(person)
    newcomer.vector = table.vector(ofItemWith: newcomer.people)
    newcomers[item] = newcomer
    changed.insert(item)
  }

  public mutating func fold(changed item: ItemOrdinal, catalog: ItemCatalog) {}

  // MARK: Answering

  public func candidates(for query: ModelQuery, catalog: ItemCatalog, limit: Int) -> [ScoredItem] {
    prepare(query, catalog: catalog).candidates(limit: limit)
  }

  public func scores(of items: [ItemOrdinal], for query: ModelQuery, catalog: ItemCatalog) -> [Float] {
    prepare(query, catalog: catalog).scores(of: items)
  }

  public func reason(for item: ItemOrdinal, query: ModelQuery, catalog: ItemCatalog) -> ModelReason? {
    prepare(query, catalog: catalog).reason(for: item)
  }

  public func prepare(_ query: ModelQuery, catalog: ItemCatalog) -> any PreparedModel {
    FactorAnswer(model: self, seeds: Self.seeds(of: query))
  }

  /// The items that speak for the person, the latest first, each once.
  private static func seeds(of query: ModelQuery) -> [ItemOrdinal] {
    var seen: Set<ItemOrdinal> = []
    let liked =
      query.similarTo.isEmpty ? query.history.reversed().filter(isLiking).map(\.item) : query.similarTo
    return Array(liked.filter { seen.insert($0).inserted }.prefix(seedsMax))
  }

  func vector(of item: ItemOrdinal) -> ArraySlice<Float>? {
    if let row = table.row(of: item) { return table.ridge.factors[row] }
    return newcomers[item.rawValue]?.vector.map { $0[...] }
  }

  // MARK: State

  /// Keys of everything that `takeChanges` may have given: what a store may hold of this model.
  public var savedKeys: [[UInt8]] { Set(newcomers.keys).union(changed).sorted().map { RecordKey.bytes($0) } }

  public mutating func takeChanges() -> [(key: [UInt8], value: [UInt8]?)] {
    defer { changed = [] }
    return changed.sorted().map { item in
      guard let newcomer = newcomers[item] else { return (RecordKey.bytes(item), nil) }
      var writer = BinaryWriter(reservingCapacity: 4 * newcomer.people.gram.count + 128)
      writer.write(string: version)
      writer.write(count: newcomer.people.count)
      writer.write(floats: newcomer.people.gram)
      writer.write(floats: newcomer.people.sum)
      return (RecordKey.bytes(item), writer.bytes)
    }
  }

  public mutating func restore(key: [UInt8], value: [UInt8]) throws(BinaryError) {
    var reader = BinaryReader(value)
    guard let item = RecordKey.number(key) else { throw BinaryError("a key of \(key.count) bytes for an item") }
    // Left by a model that served before: it goes away with the next checkpoint.
    guard try reader.readString() == version else {
      changed.insert(item)
      return
    }
    // Not `readCount`: what follows may have fewer bytes than there were people.
    let (count, size) = (Int(clamping: try reader.readVarint()), table.dimensions)
    let people = GrowingRidge(
      size: size, count: count, gram: try reader.readFloats(size * size), sum: try reader.readFloats(size))
    newcomers[item] = Newcomer(people: people, vector: table.vector(ofItemWith: people))
  }
}
