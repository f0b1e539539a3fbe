import Catalog
import Engine
import Features
import Models
import Primitives

/// Who liked what, as it is gathered from a log, split into people to learn from and people to be measured on.
///
/// The held-back people are always the same: whether somebody is among them depends on their profile's id and on how many
/// people there are, the share only ever falling as they become more. So neither a candidate nor the champion before it has
/// learnt from those that both are measured on.
struct TrainingSet {
  /// At least about so many are held back, as long as that is not more than half of all.
  private static let heldBackMin = 20.0
  /// More are not needed to measure by.
  private static let heldBackMax = 5_000.0
  private static let heldBackShare = 0.1
  private static let hash = StableHash(key0: 0x6865_6C64_2D62_6163, key1: 0x6B2D_7065_6F70_6C65)

  private struct Liking {
    let person: UInt32
    let item: UInt32
    let at: Int64
  }

  private var numbers: [ProfileID: UInt32] = [:]
  private var ids: [ProfileID] = []
  private var likings: [Liking] = []

  /// Everything that a log holds.
  /// - Returns: nil when `report`, told how much is read, stopped it.
  static func gathered(
    from partition: Partition, report: (Double) -> Bool
  ) async throws(EngineError) -> TrainingSet? {
    var set = TrainingSet()
    var isStopped = false
    try await partition.forEachAct { acts, share in
      set.add(acts)
      isStopped = !report(share)
      return !isStopped
    }
    return isStopped ? nil : set
  }

  /// Memory of an act in here, its person's share included.
  static let bytesPerAct = 48

  mutating func add(_ acts: [TrainingAct]) {
    for act in acts {
      let person = numbers[act.person] ?? UInt32(ids.count)
      if person == ids.count {
        numbers[act.person] = person
        ids.append(act.person)
      }
      likings.append(Liking(person: person, item: act.act.item.rawValue, at: act.act.at.microseconds))
    }
  }

  /// What a training is made of.
  struct Split {
    /// By the number of people who like it, most first.
    let items: [ItemOrdinal]
    /// Of the people to learn from; items are rows of `items`.
    let training: TrainingData
    /// For weights and settings, and for the judgement: the held-back people, by halves; items are ordinals.
    var validation: [ActSequence] = []
    var test: [ActSequence] = []
    let people: Int
    let from: Timestamp?
    let to: Timestamp?

    var heldBack: Int { validation.count + test.count }

    /// The training with items by ordinal, of which there are `count`.
    func training(byOrdinal count: Int) -> TrainingData {
      TrainingData(
        itemCount: count,
        sequences: training.sequences.map { sequence in
          ActSequence(items: sequence.items.map { items[Int($0)].rawValue }, times: sequence.times)
        })
    }
  }

  /// Each person's items in the order in which they came to like them, each once. Gives up what was gathered.
  /// - Complexity: O(acts · log acts).
  consuming func split() -> Split {
    likings.sort { ($0.person, $0.at, $0.item) < ($1.person, $1.at, $1.item) }
    let share = Self.share(of: ids.count)
    var training: [ActSequence] = []
    var heldBack: [[ActSequence]] = [[], []]
    var start = 0
    while start < likings.count {
      let person = likings[start].person
      var end = start
      while end < likings.count, likings[end].person == person { end += 1 }
      let sequence = Self.sequence(likings[start..<end])
      start = end
      let draw = Self.draw(ids[Int(person)])
      if draw.unit < share { heldBack[draw.half].append(sequence) } else { training.append(sequence) }
    }
    let items = Self.itemsByLikers(training)
    let rows = Dictionary(uniqueKeysWithValues: items.enumerated().map { ($1, UInt32($0)) })
    for index in training.indices { training[index].items = training[index].items.compactMap { rows[$0] } }
    return Split(
      items: items.map { ItemOrdinal($0) },
      training: TrainingData(itemCount: items.count, sequences: training), validation: heldBack[0], test: heldBack[1],
      people: ids.count, from: likings.lazy.map(\.at).min().map { Timestamp(microseconds: $0) },
      to: likings.lazy.map(\.at).max().map { Timestamp(microseconds: $0) })
  }

  /// Share of people who are held back, falling with their number.
  static func share(of people: Int) -> Double {
    let count = Double(max(1, people))
    return min(0.5, max(heldBackMin / count, min(heldBackShare, heldBackMax / count)))
  }

  private static func draw(_ id: ProfileID) -> (unit: Double, half: Int) {
    let word = hash.hash64(id.description)
    return (Double(word >> 11) * 0x1p-53, Int(word & 1))
  }

  private static func sequence(_ likings: ArraySlice<Liking>) -> ActSequence {
    var met: Set<UInt32> = []
    var sequence = ActSequence()
    for liking in likings where met.insert(liking.item).inserted {
      sequence.items.append(liking.item)
      sequence.times.append(Timestamp(microseconds: liking.at))
    }
    return sequence
  }

  private static func itemsByLikers(_ sequences: [ActSequence]) -> [UInt32] {
    var counts: [UInt32: Int] = [:]
    for sequence in sequences { for item in sequence.items { counts[item, default: 0] += 1 } }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
  }
}
