import Catalog
import Foundation
import Text

/// Vectors of weighed terms, and for each term the items that have it. A function of the items that are in it, whatever
/// the order in which they came, changed and went.
struct ContentIndex: Sendable {
  /// A term of an item and its weight, in four bytes.
  struct Entry: Sendable {
    /// Different terms that fit; those met later are left out.
    static let termsMax = 1 << 24
    private let packed: UInt32

    init(term: UInt32, weight: Float) { packed = term << 8 | UInt32(max(1, min(255, (weight * 256).rounded()))) }

    /// Number of the term in this index.
    @inline(__always) var term: UInt32 { packed >> 8 }
    /// In steps of 1/256; the squares of an item's weights sum to about 1.
    @inline(__always) var weight: Float { Float(packed & 0xFF) * 0x1p-8 }
  }

  private var numbers: [TermHash: UInt32] = [:]
  private var hashes: [TermHash] = []
  /// By term: ordinals in ascending order.
  private var items: [[UInt32]] = []
  /// By term: ln of the number of its items.
  private var logCounts: [Float] = []
  /// By ordinal: in the order of the terms' hashes, so that sums are the same whatever the numbers.
  private var vectors = PackedRows<Entry>()
  private(set) var itemCount = 0
  /// ln (1 + number of items).
  private var logItems: Float = 0

  func vector(of item: UInt32) -> ArraySlice<Entry> { vectors[item] }

  /// Σ weight · `wish(term)` for each of the items; 0 for those that are not in the index.
  func products(of items: some Collection<UInt32>, with wishes: OrdinalMap<Float>) -> [Float] {
    // All places first, so that the processor waits for many of them at once.
    let places = items.map { vectors.place(of: $0) }
    return vectors.withValues { entries in
      wishes.withLookup { wish in
        places.map { place in
          var product: Float = 0
          for index in place.range { product += entries[index].weight * (wish[entries[index].term] ?? 0) }
          return product
        }
      }
    }
  }

  /// Items that have the term, in ascending order.
  func items(with term: UInt32) -> [UInt32] { items[Int(term)] }

  /// What does not depend on the order in which terms were met, as their numbers do.
  func hash(of term: UInt32) -> TermHash { hashes[Int(term)] }

  /// Inverse document frequency: ln((1 + N) / n), above 0.
  @inline(__always)
  func rarity(of term: UInt32) -> Float { logItems - logCounts[Int(term)] }

  /// Gives the item the terms, instead of those that it had; none takes it out.
  /// - Complexity: O(terms), and a move within the lists of terms that come or go.
  mutating func set(_ item: UInt32, to terms: [ContentTerms.Term]) {
    let old = Array(vectors[item])
    let length = terms.reduce(Float(0)) { $0 + $1.weight * $1.weight }.squareRoot()
    let new = terms.compactMap { term in
      number(of: term.hash).map { Entry(term: $0, weight: term.weight / length) }
    }
    vectors.set(item, to: new)
    for entry in old where !new.contains(where: { $0.term == entry.term }) { remove(item, from: entry.term) }
    for entry in new where !old.contains(where: { $0.term == entry.term }) { insert(item, into: entry.term) }
    itemCount += (new.isEmpty ? 0 : 1) - (old.isEmpty ? 0 : 1)
    logItems = log(Float(itemCount + 1))
  }

  private mutating func number(of hash: TermHash) -> UInt32? {
    if let known = numbers[hash] { return known }
    guard items.count < Entry.termsMax else { return nil }
    let number = UInt32(items.count)
    numbers[hash] = number
    hashes.append(hash)
    items.append([])
    logCounts.append(0)
    return number
  }

  private mutating func insert(_ item: UInt32, into term: UInt32) {
    if let last = items[Int(term)].last, last > item {
      let place = items[Int(term)].lowerBound(of: item)
      items[Int(term)].insert(item, at: place)
    } else {
      items[Int(term)].append(item)
    }
    count(term)
  }

  private mutating func remove(_ item: UInt32, from term: UInt32) {
    items[Int(term)].remove(at: items[Int(term)].lowerBound(of: item))
    count(term)
  }

  private mutating func count(_ term: UInt32) { logCounts[Int(term)] = log(Float(max(1, items[Int(term)].count))) }
}

extension [UInt32] {
  /// The first place whose number is not below `number`, in an ascending array.
  func lowerBound(of number: UInt32) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
