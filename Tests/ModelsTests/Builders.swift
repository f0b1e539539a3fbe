import Catalog
import Events
import Features
import Models
import Primitives

let start = Timestamp(seconds: 1_767_225_600)  // 2026-01-01

func act(_ item: Int, _ kind: SignalKind = .view, at minutes: Double = 0, value: Float = 0) -> Interaction {
  Interaction(item: ItemOrdinal(UInt32(item)), kind: kind, at: start + .seconds(minutes * 60), value: value)
}

func query(
  _ history: [Interaction] = [], context: ContextFacts = ContextFacts(), similarTo: [Int] = [], atMinutes: Double = 0
) -> ModelQuery {
  ModelQuery(
    history: history, context: context, similarTo: similarTo.map { ItemOrdinal(UInt32($0)) },
    now: start + .seconds(atMinutes * 60))
}

func context(device: String? = nil, region: String? = nil, hour: Int? = nil, weekday: Int? = nil) -> ContextFacts {
  var facts = ContextFacts()
  (facts.device, facts.region, facts.hour, facts.weekday) = (device, region, hour, weekday)
  return facts
}

func items(_ numbers: some Sequence<Int>) -> [ItemOrdinal] { numbers.map { ItemOrdinal(UInt32($0)) } }

/// A catalogue of `count` items: item n in category n mod 7, with a title and a brand of its own kind.
func shop(of count: Int = 60) throws -> ItemCatalog {
  var catalog = ItemCatalog()
  let kinds = ["Running shoe", "Trail boot", "Coffee mug", "Tea pot", "Desk lamp", "Floor lamp", "Wool sock"]
  for number in 0..<count {
    let item = CatalogItem(
      id: "i\(number)", title: "\(kinds[number % 7]) \(number % 5)", categories: ["c\(number % 7)"],
      tags: ["t\(number % 3)"], price: Double(10 + number % 20), currency: "EUR",
      attributes: JSONObject(members: [.init(key: "brand", value: .string("b\(number % 4)"))]))
    try catalog.apply(.upsert(item), revision: UInt64(number) + 1)
  }
  return catalog
}

/// A person's act with what surrounds it.
struct Occurrence {
  let person: Int
  let act: Interaction
  let context: ContextFacts
}

/// Acts of people with tastes, in order of time; the same for the same seed.
func occurrences(
  _ count: Int, items: Int = 60, people: Int = 20, seed: UInt64, minutesApart: Double = 3
) -> [Occurrence] {
  var generator = SeededGenerator(seed: seed)
  let kinds: [SignalKind] = [.view, .view, .view, .click, .addToCart, .purchase, .save, .dismiss, .rating, .refund]
  return (0..<count).map { step in
    let person = Int.random(in: 0..<people, using: &generator)
    let kind = kinds[Int.random(in: 0..<kinds.count, using: &generator)]
    let item = (person % 7 + 7 * Int.random(in: 0..<items / 7, using: &generator)) % items
    return Occurrence(
      person: person,
      act: act(item, kind, at: Double(step) * minutesApart, value: kind == .rating ? Float(step % 5 + 1) : 0),
      context: context(
        device: ["mobile", "desktop", "tv"][person % 3], region: ["CH", "DE"][person % 2], hour: step % 24,
        weekday: step % 7 + 1))
  }
}

/// Folds as the engine does: each act with the person's history around it, in order of time, at most `historyMax` acts.
struct Folder {
  var histories: [Int: [Interaction]] = [:]
  var historyMax = 64

  mutating func fold(_ occurrence: Occurrence, into model: inout some CandidateModel, catalog: ItemCatalog) {
    let history = histories[occurrence.person, default: []]
    model.fold(occurrence.act, history: history, context: occurrence.context, catalog: catalog)
    let place = history.firstIndex { $0.at > occurrence.act.at } ?? history.count
    histories[occurrence.person, default: []].insert(occurrence.act, at: place)
    if histories[occurrence.person, default: []].count > historyMax {
      histories[occurrence.person, default: []].removeFirst()
    }
  }
}

func folded<Model: CandidateModel>(_ all: [Occurrence], into model: Model, catalog: ItemCatalog) -> Model {
  var model = model
  var folder = Folder()
  for occurrence in all { folder.fold(occurrence, into: &model, catalog: catalog) }
  return model
}
