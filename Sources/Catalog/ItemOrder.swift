/// Ordinals of items in the order of their ids (by UTF-8 bytes), in chunks small enough that an insertion moves little.
struct ItemOrder: Sendable {
  static let chunkMax = 512
  private var chunks: [[UInt32]] = []

  /// - Complexity: O(log items) comparisons and a move within one chunk.
  mutating func insert(_ ordinal: UInt32, ids: ItemIDTable) {
    guard !chunks.isEmpty else { return chunks.append([ordinal]) }
    let place = ids.withBytes(of: ordinal) { locate($0, ids: ids) }
    chunks[place.chunk].insert(ordinal, at: place.index)
    if chunks[place.chunk].count > Self.chunkMax {
      let upper = Array(chunks[place.chunk][(Self.chunkMax / 2)...])
      chunks[place.chunk].removeLast(upper.count)
      chunks.insert(upper, at: place.chunk + 1)
    }
  }

  mutating func remove(_ ordinal: UInt32, ids: ItemIDTable) {
    let place = ids.withBytes(of: ordinal) { locate($0, ids: ids) }
    guard place.chunk < chunks.count, place.index < chunks[place.chunk].count,
      chunks[place.chunk][place.index] == ordinal
    else { return }
    chunks[place.chunk].remove(at: place.index)
    if chunks[place.chunk].isEmpty { chunks.remove(at: place.chunk) }
  }

  /// Up to `limit` ordinals whose ids come after `id`, from the first when it is nil.
  func ordinals(after id: String?, limit: Int, ids: ItemIDTable) -> [UInt32] {
    guard limit > 0, !chunks.isEmpty else { return [] }
    var place = Place(chunk: 0, index: 0)
    if var id {
      place = id.withUTF8 { locate($0, ids: ids) }
      if place.index < chunks[place.chunk].count,
        ids.withBytes(of: chunks[place.chunk][place.index], { $0.elementsEqual(id.utf8) })
      {
        place.index += 1
      }
    }
    var result: [UInt32] = []
    result.reserveCapacity(min(limit, 1_024))
    while place.chunk < chunks.count, result.count < limit {
      let chunk = chunks[place.chunk]
      result.append(contentsOf: chunk[place.index...].prefix(limit - result.count))
      place = Place(chunk: place.chunk + 1, index: 0)
    }
    return result
  }

  private struct Place {
    var chunk: Int
    var index: Int
  }

  /// Where the first id that is not before `text` stands, or could be inserted; never before the first chunk.
  private func locate(_ text: UnsafeBufferPointer<UInt8>, ids: ItemIDTable) -> Place {
    func isBefore(_ ordinal: UInt32) -> Bool { ids.withBytes(of: ordinal) { Self.isBefore($0, text) } }
    // The last chunk whose first id is not after the text.
    var low = 0
    var high = chunks.count
    while low < high {
      let middle = (low + high) / 2
      if isBefore(chunks[middle][0]) { low = middle + 1 } else { high = middle }
    }
    // `low` chunks begin before the text; it stands in the last of them, or first in the next.
    if low < chunks.count, ids.withBytes(of: chunks[low][0], { $0.elementsEqual(text) }) {
      return Place(chunk: low, index: 0)
    }
    let chunk = max(0, low - 1)
    low = 0
    high = chunks[chunk].count
    while low < high {
      let middle = (low + high) / 2
      if isBefore(chunks[chunk][middle]) { low = middle + 1 } else { high = middle }
    }
    return Place(chunk: chunk, index: low)
  }

  private static func isBefore(
    _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let shared = min(left.count, right.count)
    for index in 0..<shared where left[index] != right[index] { return left[index] < right[index] }
    return left.count < right.count
  }
}
