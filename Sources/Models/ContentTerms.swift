import Catalog
import Primitives
import Text

/// What an item is about, as weighed terms: its categories, tags and other properties, and the words of title and text.
enum ContentTerms {
  struct Term: Sendable, Hashable {
    let hash: TermHash
    /// Before rarity.
    let weight: Float
  }

  /// Terms of an item that are kept: all properties first, then the words that weigh most.
  static let termsMax = 64
  private static let wordsMax = 40
  private static let textBytesMax = 8 << 10

  /// Keep apart the same text in different roles.
  private enum Seed {
    static let category: UInt64 = 1
    static let tag: UInt64 = 2
    static let attribute: UInt64 = 3
    static let price: UInt64 = 4
    static let word: UInt64 = 5
  }

  /// The item's terms in order of their hashes, each once.
  ///
  /// A category weighs 2 (the first 2.5), a tag 1.5, a property 1, the half-octave of its price 0.5. A word weighs
  /// 1 + ln of how often it comes, times 1 in the title and 0.5 in the first 8 KiB of the text.
  static func terms(of item: CatalogItem) -> [Term] {
    var properties: [Term] = []
    for (place, name) in item.categories.enumerated() {
      properties.append(Term(hash: named(name, Seed.category), weight: place == 0 ? 2.5 : 2))
    }
    for tag in item.tags { properties.append(Term(hash: named(tag, Seed.tag), weight: 1.5)) }
    for member in item.attributes.members { collect(member.value, under: TermHash(member.key), into: &properties) }
    if let price = item.price, price > 0 {
      // Two steps for each doubling; the binary exponent and one comparison, so that it is the same on every machine.
      let step = Int(price.exponent) * 2 + (price.significand >= 2.0.squareRoot() ? 1 : 0)
      properties.append(Term(hash: TermHash("\(item.currency ?? "")\(step)", seed: Seed.price), weight: 0.5))
    }
    return join(properties, with: words(of: item))
  }

  private static func named(_ name: String, _ seed: UInt64) -> TermHash { TermHash(name.lowercased(), seed: seed) }

  /// Texts and truths become terms under the hash of their name; numbers say too little by themselves.
  private static func collect(_ value: JSONValue, under name: TermHash, into terms: inout [Term]) {
    guard terms.count < 2 * termsMax else { return }
    switch value {
    case .string(let text) where text.utf8.count <= 64 && !text.isEmpty:
      terms.append(Term(hash: name.followed(by: named(text, Seed.attribute)), weight: 1))
    case .bool(let flag): terms.append(Term(hash: name.followed(by: TermHash(flag ? "yes" : "no")), weight: 1))
    case .array(let values): for value in values { collect(value, under: name, into: &terms) }
    case .object(let object):
      for member in object.members {
        collect(member.value, under: name.followed(by: TermHash(member.key)), into: &terms)
      }
    case .null, .int, .double, .string: break
    }
  }

  /// The item's words; when there are too many, heaviest first, ties by hash.
  private static func words(of item: CatalogItem) -> [Term] {
    let analyzer = TextAnalyzer.english
    var found: [Occurrence] = []
    if let title = item.title {
      analyzer.forEachTermHash(in: title, seed: Seed.word) { found.append(Occurrence(hash: $0, isTitle: true)) }
    }
    if let text = item.text {
      let start =
        text.utf8.count <= textBytesMax ? text : String(decoding: text.utf8.prefix(textBytesMax), as: UTF8.self)
      analyzer.forEachTermHash(in: start, seed: Seed.word) { found.append(Occurrence(hash: $0, isTitle: false)) }
    }
    found.sort { $0.hash < $1.hash }
    var words: [Term] = []
    var place = 0
    while place < found.count {
      let hash = found[place].hash
      var (inTitle, inText) = (0, 0)
      while place < found.count, found[place].hash == hash {
        if found[place].isTitle { inTitle += 1 } else { inText += 1 }
        place += 1
      }
      words.append(Term(hash: hash, weight: damped(inTitle) + 0.5 * damped(inText)))
    }
    if words.count > wordsMax { words.sort { ($1.weight, $0.hash) < ($0.weight, $1.hash) } }
    return words
  }

  private struct Occurrence {
    let hash: TermHash
    let isTitle: Bool
  }

  /// 1 + ln n from a table, the same on every machine; 0 for none.
  private static func damped(_ count: Int) -> Float {
    switch count {
    case 0: 0
    case 1: 1
    case 2: 1.69
    case 3: 2.1
    case 4: 2.39
    case 5: 2.61
    case 6: 2.79
    case 7: 2.95
    case 8: 3.08
    default: 3.2
    }
  }

  private static func join(_ properties: [Term], with words: [Term]) -> [Term] {
    var terms = Array(properties.prefix(termsMax))
    terms += words.prefix(min(wordsMax, termsMax - terms.count))
    terms.sort { ($0.hash, $1.weight) < ($1.hash, $0.weight) }
    var distinct: [Term] = []
    for term in terms where distinct.last?.hash != term.hash { distinct.append(term) }
    return distinct
  }
}
