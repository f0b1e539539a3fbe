public import Catalog
public import Events
public import Features
public import Primitives

/// What people do around an item: how often two items stand near each other in one person's history, lately.
///
/// For acts a and b of one person, |Δt| apart, the pair is evidence e = √(s_a · s_b) · 2^((t − L) / H), with attention s
/// (`ActStrength`), time t of the later act and forward decay of half-life H. It adds e to n_a and n_b, and to W[a→b]
///
///     e · (1 + |Δt| / τ)^(−γ)        (times β when b came before a)
///
/// A question with the last items i_0 (newest), i_1 … is answered by the windowed Markov chain
///
///     score(b) ∝ Σ_k q^k · n_k / (n_k + s) · W[i_k→b] / Σ_b W[i_k→b]  /  (n_b + 1)^p
///
/// with the n at now (at the newest act when that is earlier): s shrinks rows with little evidence, p is a penalty on what
/// is popular with everybody. Scores are divided by the best of the question and multiplied by the mean of n / (n + s), so
/// that 1 means: the best, on ample evidence.
///
/// Every pair of acts counts once, when the second of them is folded, and adding commutes; so the order of arrival does not
/// matter as long as both stand within `actsMax` acts of each other and no row is full. A row keeps `neighboursMax` items
/// (`NeighbourRows`).
///
/// Memory: 64 bytes an item and 12 for each pair of items, at most 100 pairs an item: 1.3 KB.
/// - Complexity: a fold is O(actsMax · neighboursMax) comparisons of 4 bytes, a question O(seedsMax · neighboursMax).
/// - SeeAlso: Linden, Smith & York, *Amazon.com recommendations: item-to-item collaborative filtering*, IEEE Internet
///   Computing 2003; Rendle, Freudenthaler & Schmidt-Thieme, *Factorizing personalized Markov chains*, WWW 2010 (§3, the
///   chain that is counted here); `ForwardDecay`.
public struct CoVisitation: CandidateModel {
  public struct Settings: Sendable, Hashable {
    /// H: how fast a pair is forgotten.
    public var halfLife: Duration = .seconds(30 * 86_400)
    /// Acts further apart make no pair.
    public var window: Duration = .seconds(30 * 86_400)
    /// Acts before and after one that are looked at.
    public var actsMax = 6
    /// τ: the distance at which a pair has lost half its worth, when γ is 1.
    public var gapScale: Duration = .seconds(60)
    /// γ is this many halves.
    public var gapHalves = 2
    /// β: worth of a pair for the way back, in [0, 1].
    public var backward = 0.5
    public var neighboursMax = 100
    /// L: how many of the person's last items are asked.
    public var seedsMax = 10
    /// q: what one item further back weighs.
    public var recency: Float = 0.75
    /// p = 2^−k for k roots: three is p = ⅛; 0 roots is no penalty.
    public var penaltyRoots = 3
    /// s, in pairs of views.
    public var shrinkage = 5.0

    public init() {}
  }

  public let name = "co_visitation"
  public let version = "1"
  public let isPersonal = true

  let settings: Settings
  private var decay: ForwardDecay
  private var rows = NeighbourRows()
  private var changedRows = ChangedSet()

  public init(settings: Settings = Settings()) {
    self.settings = settings
    decay = ForwardDecay(halfLife: settings.halfLife)
    rows.neighboursMax = settings.neighboursMax
  }

  // MARK: Learning

  public mutating func fold(
    _ interaction: Interaction, history: [Interaction], context: ContextFacts, catalog: ItemCatalog
  ) {
    let attention = ActStrength.attention(interaction)
    guard attention > 0, !history.isEmpty else { return }
    let windowUs = settings.window.inMicroseconds
    let gapScale = 1 / settings.gapScale.inSeconds
    // In a history the acts up to this one come first; nearly always they are all there are.
    let split = history.lastIndex { $0.at <= interaction.at }.map { $0 + 1 } ?? 0
    let near = max(0, split - settings.actsMax)..<min(history.count, split + settings.actsMax)
    // The weight at the later of both acts, which nearly always is this one.
    var weighed: (at: Timestamp, weight: Double)?
    for act in history[near] where act.item != interaction.item {
      let other = ActStrength.attention(act)
      let gapUs = abs(act.at.microseconds - interaction.at.microseconds)
      guard other > 0, gapUs <= windowUs else { continue }
      let later = max(act.at, interaction.at)
      if weighed?.at != later {
        if let factor = decay.admit(later) { rows.scale(by: factor) }
        weighed = (later, decay.weight(at: later))
      }
      let weight = weighed?.weight ?? 0
      let evidence = (attention * other).squareRoot() * weight
      let pair = evidence * nearness(Double(gapUs) * 1e-6 * gapScale)
      // At the same moment neither came first: each way gets the mean.
      let (toThis, toOther): (Double, Double) =
        act.at < interaction.at
        ? (pair, pair * settings.backward)
        : act.at > interaction.at
          ? (pair * settings.backward, pair)
          : (pair * (1 + settings.backward) / 2, pair * (1 + settings.backward) / 2)
      rows.note(evidence, of: act.item.rawValue, and: interaction.item.rawValue)
      let salt = UInt64(bitPattern: act.at.microseconds &* 31 &+ interaction.at.microseconds)
      rows.add(toThis, from: act.item.rawValue, to: interaction.item.rawValue, salt: salt)
      rows.add(toOther, from: interaction.item.rawValue, to: act.item.rawValue, salt: salt)
      changedRows.insert(act.item.rawValue)
    }
    if weighed != nil { changedRows.insert(interaction.item.rawValue) }
  }

  public mutating func fold(changed item: ItemOrdinal, catalog: ItemCatalog) {}

  /// (1 + x)^(−γ) with γ in halves, from roots and divisions, which are the same on every machine.
  @inline(__always)
  private func nearness(_ gaps: Double) -> Double {
    let whole = 1 / (1 + gaps)
    switch settings.gapHalves {
    case 1: return whole.squareRoot()
    case 2: return whole
    default: return (0..<settings.gapHalves).reduce(1) { product, _ in product * whole.squareRoot() }
    }
  }

  // MARK: Asking

  public func candidates(for query: ModelQuery, catalog: ItemCatalog, limit: Int) -> [ScoredItem] {
    prepare(query, catalog: catalog).candidates(limit: limit)
  }

  public func scores(of items: [ItemOrdinal], for query: ModelQuery, catalog: ItemCatalog) -> [Float] {
    prepare(query, catalog: catalog).scores(of: items)
  }

  public func reason(for item: ItemOrdinal, query: ModelQuery, catalog: ItemCatalog) -> ModelReason? {
    CoVisitationAnswer.reason(
      for: item.rawValue, rows: rows, seeds: seeds(of: query),
      evidence: settings.shrinkage * decay.unit(at: query.now))
  }

  public func prepare(_ query: ModelQuery, catalog: ItemCatalog) -> any PreparedModel {
    CoVisitationAnswer(rows: rows, seeds: seeds(of: query), unit: decay.unit(at: query.now), settings: settings)
  }

  /// The items that are asked, newest first, each once; all alike when the caller named them.
  private func seeds(of query: ModelQuery) -> [CoVisitationAnswer.Seed] {
    var seeds: [CoVisitationAnswer.Seed] = []
    if !query.similarTo.isEmpty {
      for item in query.similarTo.prefix(settings.seedsMax) where !seeds.contains(where: { $0.item == item.rawValue }) {
        seeds.append(.init(item: item.rawValue, weight: 1))
      }
      return seeds
    }
    var weight: Float = 1
    for act in query.history.reversed() where ActStrength.attention(act) > 0 {
      let item = act.item.rawValue
      guard !seeds.contains(where: { $0.item == item }) else { continue }
      seeds.append(.init(item: item, weight: weight))
      weight *= settings.recency
      if seeds.count == settings.seedsMax { break }
    }
    return seeds
  }

  // MARK: Checkpoint

  /// A record for each item: the landmark that its weights refer to, the sums of its row and column, its neighbours.
  public mutating func takeChanges() -> [(key: [UInt8], value: [UInt8]?)] {
    changedRows.takeAll().map { item in
      var writer = BinaryWriter(reservingCapacity: 1_024)
      decay.encode(into: &writer)
      rows.encode(item, into: &writer)
      return (RecordKey.bytes(item), writer.bytes)
    }
  }

  public mutating func restore(key: [UInt8], value: [UInt8]) throws(BinaryError) {
    guard let item = RecordKey.number(key) else { throw BinaryError("a co-visitation record with an odd key") }
    var reader = BinaryReader(value)
    let restored = try decay.restore(from: &reader)
    if let factor = restored.others { rows.scale(by: factor) }
    try rows.restore(item, factor: restored.own, from: &reader)
  }
}
