public import Catalog
import Mathematics
import Primitives

/// The part of a trained `ImplicitALS` that answers questions: vectors of the items, and what it takes to solve for the
/// vector of a person, or of an item that came later. It holds no people.
public struct FactorTable: Sendable {
  static let scannedMin = 4_096
  /// A byte for each number: what can be read in a fraction of a millisecond.
  static let scannedBytesMax = 8 << 20

  /// Items by row, those with the most interactions first.
  public let items: [ItemOrdinal]
  let settings: ImplicitALS.Settings
  /// Vectors of the items, as people are solved from them.
  let ridge: GramRidge
  /// Σ wwᵀ over the people of the training, shape `[d, d]`; the upper triangle counts.
  let peopleGram: [Float]
  let peopleCount: Int
  private let rows: OrdinalMap<UInt32>
  /// The same vectors, to look for the best among.
  private let nearest: QuantisedRows

  /// - Parameter items: The items of the model's rows.
  /// - Throws: `TrainingRefusal.diverged` when vectors are not to be multiplied.
  public init(_ model: ImplicitALS, items: [ItemOrdinal]) throws(TrainingRefusal) {
    do throws(VectorFault) {
      try self.init(
        settings: model.settings, items: items, ridge: model.itemRidge, peopleGram: model.people.gram,
        peopleCount: model.people.rowCount)
    } catch {
      throw .diverged
    }
  }

  private init(
    settings: ImplicitALS.Settings, items: [ItemOrdinal], ridge: GramRidge, peopleGram: [Float], peopleCount: Int
  ) throws(VectorFault) {
    precondition(items.count == ridge.factors.rowCount)
    self.settings = settings
    self.items = items
    self.ridge = ridge
    self.peopleGram = peopleGram
    self.peopleCount = peopleCount
    var rows = OrdinalMap<UInt32>(capacity: items.count)
    for (row, item) in items.enumerated() { rows.set(item.rawValue, to: UInt32(row)) }
    self.rows = rows
    nearest = try QuantisedRows(ridge.factors)
  }

  var dimensions: Int { settings.dimensions }

  func row(of item: ItemOrdinal) -> Int? { rows[item.rawValue].map(Int.init) }

  /// At most `count` rows with the greatest products with a person's vector, best first; none when it cannot be multiplied.
  ///
  /// Of more than `scannedBytesMax` / d items only the longest vectors are looked at: these are what many people chose.
  func best(_ count: Int, for person: [Float]) -> [RowScore] {
    let longest = max(Self.scannedMin, Self.scannedBytesMax / dimensions)
    return (try? nearest.best(count, for: person, longest: longest)) ?? []
  }

  /// The vector of who has dealt with the items of some rows, shape `[d]`; nil for none.
  /// - Parameter distinct: Rows, ascending, each once.
  /// - Complexity: O(n d · min(n, d)) for n rows.
  func vector(ofPersonWith distinct: [Int]) -> [Float]? {
    guard !distinct.isEmpty else { return nil }
    let observed = SparseRows(row: distinct.map { UInt32($0) }, columnCount: items.count)
    let penalty = settings.penalty(sum: Float(distinct.count), others: items.count)
    let vector = ridge.solve(observed, penalties: [penalty]).values
    return vector.allSatisfy(\.isFinite) ? vector : nil
  }

  /// The vector of an item that the training did not have, shape `[d]`.
  func vector(ofItemWith people: GrowingRidge) -> [Float]? {
    people.solution(
      everything: peopleGram, unobservedWeight: settings.unobservedWeight,
      penalty: settings.penalty(sum: Float(people.count), others: peopleCount))
  }
}

/// The packed form: settings, the items' ordinals and vectors with their spectrum, and the people's products.
extension FactorTable {
  static let kind = "ials-served"
  static let snapshotVersion = 1

  public var snapshot: ModelSnapshot {
    var writer = BinaryWriter(reservingCapacity: 4 * ridge.factors.values.count + 8 * items.count + 256)
    settings.encode(into: &writer)
    writer.write(word32: UInt32(items.count))
    writer.write(word32: UInt32(peopleCount))
    for item in items { writer.write(word32: item.rawValue) }
    writer.write(floats: ridge.spectrum)
    writer.write(floats: peopleGram)
    writer.write(floats: ridge.factors.values)
    return ModelSnapshot(kind: Self.kind, contentVersion: Self.snapshotVersion, content: writer.bytes)
  }

  /// - Throws: `SnapshotRefusal`, before anything is allocated for numbers that are not there.
  public init(snapshot bytes: [UInt8]) throws(SnapshotRefusal) {
    let snapshot = try ModelSnapshot(bytes, kind: Self.kind, knownVersion: Self.snapshotVersion)
    do throws(BinaryError) {
      try self.init(content: snapshot.content)
    } catch {
      throw .content(error.description)
    }
  }

  private init(content: [UInt8]) throws(BinaryError) {
    var reader = BinaryReader(content)
    let settings = try ImplicitALS.Settings(from: &reader, version: 2)
    let itemCount = Int(try reader.readWord32())
    let peopleCount = Int(try reader.readWord32())
    let size = settings.dimensions
    guard settings.regularization > 0, settings.regularization.isFinite, settings.unobservedWeight > 0,
      settings.unobservedWeight.isFinite, settings.frequencyExponent >= 0, settings.frequencyExponent.isFinite
    else {
      throw BinaryError(
        "a regularization of \(settings.regularization), an unobserved weight of \(settings.unobservedWeight) and an "
          + "exponent of \(settings.frequencyExponent)")
    }
    // d is bounded first, since a product of what is written there could overflow.
    guard (1...1 << 14).contains(size), reader.remaining == 4 * (itemCount + size + size * size + itemCount * size)
    else {
      throw BinaryError("\(reader.remaining) bytes of numbers for \(itemCount) items of \(size) numbers")
    }
    var items: [ItemOrdinal] = []
    items.reserveCapacity(itemCount)
    for _ in 0..<itemCount { items.append(ItemOrdinal(try reader.readWord32())) }
    guard Set(items).count == itemCount else { throw BinaryError("an item that stands there twice") }
    // Ordinals are given from 0, one after another; the last number is no item's.
    guard items.allSatisfy({ $0.rawValue < .max }) else { throw BinaryError("an item of number \(UInt32.max)") }
    let spectrum = try reader.readFloats(size)
    guard spectrum.allSatisfy({ $0 >= 0 }) else { throw BinaryError("an eigenvalue below 0") }
    let peopleGram = try reader.readFloats(size * size)
    let factors = try reader.readFloats(itemCount * size)
    let ridge = GramRidge(
      factors: FloatMatrix(rowCount: itemCount, columnCount: size, values: factors), spectrum: spectrum,
      unobservedWeight: settings.unobservedWeight)
    do throws(VectorFault) {
      try self.init(
        settings: settings, items: items, ridge: ridge, peopleGram: peopleGram, peopleCount: peopleCount)
    } catch {
      throw BinaryError(error.description)
    }
  }
}
