import Foundation
import Primitives

/// The demo's shop: made-up items that differ in kind, price, style and how good they are.
struct Shop: Sendable {
  struct Item: Sendable {
    let id: String
    let title: String
    let text: String
    let department: Int
    let tags: [String]
    let brand: String
    /// In whole cents.
    let priceCents: Int
    let marginCents: Int
    let stock: Int
    /// What everybody thinks of it, about N(0, 0.5).
    let quality: Double
    /// Where it stands between plain and playful, classic and bold; about N(0, 1) each.
    let style: SIMD2<Double>

    var price: Double { Double(priceCents) / 100 }
  }

  let items: [Item]
  private let indices: [String: Int]

  static let departments = Department.all

  init(seed: UInt64, itemCount: Int = 500) {
    var generator = SeededGenerator(seed: seed)
    items = (0..<itemCount).map { Self.item($0, using: &generator) }
    indices = Dictionary(uniqueKeysWithValues: items.enumerated().map { ($1.id, $0) })
  }

  func index(of id: String) -> Int? { indices[id] }

  private static func item(_ number: Int, using generator: inout SeededGenerator) -> Item {
    let place = number % Department.all.count
    let department = Department.all[place]
    let style = SIMD2(generator.nextNormal(), generator.nextNormal())
    let quality = 0.5 * generator.nextNormal()
    let priceCents = Int((department.typicalPrice * exp(0.5 * generator.nextNormal()) * 100).rounded())
    let looks = style.x > 0 ? Words.playful : Words.plain
    let characters = style.y > 0 ? Words.bold : Words.classic
    let look = looks.random(using: &generator)
    let character = characters.random(using: &generator)
    let noun = department.nouns.random(using: &generator)
    let brand = Words.brands.random(using: &generator)
    let identifier = "item-" + String(repeating: "0", count: max(0, 3 - String(number).count)) + String(number)
    return Item(
      id: identifier, title: "\(brand) \(character) \(noun)",
      text: "\(look.capitalized), \(character) \(noun) for \(department.name). \(department.pitch)",
      department: place, tags: [look, character], brand: brand, priceCents: max(100, priceCents),
      marginCents: Int(Double(priceCents) * (0.15 + 0.35 * generator.nextUnit())),
      // One item in twenty is nearly sold out, so that stock matters within the minute.
      stock: generator.nextUnit() < 0.05 ? 3 : 200 + Int(generator.nextUnit() * 800), quality: quality, style: style)
  }

  /// The whole catalogue as `PUT /v1/catalog/items` takes it.
  func catalogue(now: Timestamp) -> [UInt8] {
    var lines: [UInt8] = []
    for (number, item) in items.enumerated() {
      var writer = JSONWriter()
      writer.object {
        $0.member("item_id", item.id)
        $0.member("title", item.title)
        $0.member("text", item.text)
        $0.member("categories", array: { $0.string(Department.all[item.department].name) })
        $0.member("tags", array: { tags in for tag in item.tags { tags.string(tag) } })
        $0.member("price", item.price)
        $0.member("currency", "EUR")
        $0.member("margin", Double(item.marginCents) / 100)
        $0.member("available", true)
        $0.member("stock", item.stock)
        $0.member("published_at", now - .seconds((number * 7_919) % 400 * 86_400))
        $0.member("attributes", object: { $0.member("brand", item.brand) })
      }
      lines += writer.bytes + [UInt8(ascii: "\n")]
    }
    return lines
  }
}

struct Department: Sendable {
  let name: String
  let typicalPrice: Double
  let nouns: [String]
  let pitch: String

  static let all = [
    Department(
      name: "running", typicalPrice: 70, nouns: ["running shoe", "wind jacket", "race belt", "trail vest"],
      pitch: "Made for long miles and short stops."),
    Department(
      name: "hiking", typicalPrice: 90, nouns: ["hiking boot", "day pack", "trekking pole", "rain shell"],
      pitch: "Keeps dry where the path ends."),
    Department(
      name: "cycling", typicalPrice: 60, nouns: ["bike light", "cycling jersey", "handlebar bag", "helmet"],
      pitch: "Seen from far away, light on the climb."),
    Department(
      name: "yoga", typicalPrice: 35, nouns: ["yoga mat", "cork block", "stretch strap", "bolster"],
      pitch: "Does not slip when you do."),
    Department(
      name: "camping", typicalPrice: 80, nouns: ["two-person tent", "sleeping bag", "camp stove", "lantern"],
      pitch: "Packs small and stands in the wind."),
    Department(
      name: "kitchen", typicalPrice: 40, nouns: ["chef's knife", "cast-iron pan", "mixing bowl", "peeler"],
      pitch: "For people who cook on weekdays."),
    Department(
      name: "coffee", typicalPrice: 30, nouns: ["hand grinder", "pour-over set", "espresso cup", "kettle"],
      pitch: "Tastes of beans, not of the machine."),
    Department(
      name: "books", typicalPrice: 18, nouns: ["crime novel", "field guide", "cookbook", "travel memoir"],
      pitch: "Hard to put down after page ten."),
    Department(
      name: "audio", typicalPrice: 120, nouns: ["headphone", "bookshelf speaker", "record player", "earbud"],
      pitch: "Hear the room it was recorded in."),
    Department(
      name: "lighting", typicalPrice: 55, nouns: ["desk lamp", "floor lamp", "pendant", "night light"],
      pitch: "Warm light without the glare."),
    Department(
      name: "garden", typicalPrice: 25, nouns: ["pruning shear", "raised bed", "watering can", "seed box"],
      pitch: "Outlives the tomatoes."),
    Department(
      name: "travel", typicalPrice: 75, nouns: ["cabin case", "packing cube", "neck pillow", "power adapter"],
      pitch: "Fits under the seat in front of you."),
    Department(
      name: "kids", typicalPrice: 28, nouns: ["wooden train", "puzzle", "rain boot", "story box"],
      pitch: "Survives a birthday party."),
    Department(
      name: "desk", typicalPrice: 45, nouns: ["notebook", "fountain pen", "monitor stand", "keyboard"],
      pitch: "Makes Monday a little better."),
  ]
}

private enum Words {
  static let plain = ["plain", "quiet", "simple", "clean", "matte"]
  static let playful = ["playful", "colourful", "cheerful", "quirky", "bright"]
  static let classic = ["classic", "timeless", "heritage", "traditional", "everyday"]
  static let bold = ["bold", "modern", "graphic", "experimental", "daring"]
  static let brands = [
    "Aldo", "Birk", "Corva", "Dune", "Elm", "Fjord", "Grove", "Hale", "Isla", "Juno", "Kite", "Lund",
  ]
}

extension Array {
  /// One element, each as likely; the array must not be empty.
  fileprivate func random(using generator: inout SeededGenerator) -> Element {
    self[Int(generator.next() % UInt64(count))]
  }
}

extension SeededGenerator {
  /// A number from N(0, 1), by the Box–Muller transform.
  mutating func nextNormal() -> Double {
    let radius = (-2 * log(1 - nextUnit())).squareRoot()
    return radius * cos(2 * .pi * nextUnit())
  }
}
