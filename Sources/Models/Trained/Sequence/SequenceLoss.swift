import Foundation
import Mathematics
import Primitives

/// Cross entropy of the item that came next, against all items or against a sample of them.
///
/// A sample S holds the targets of the room and items drawn uniformly. An item j is in it with the chance π_j, so that
/// Σ_{j ∈ S} e^z_j / π_j has the mean Σ_j e^z_j; hence the scores of all but the target are corrected by − log π_j.
/// - SeeAlso: Jean, Cho, Memisevic & Bengio, *On using very large target vocabulary for neural machine translation*,
///   ACL 2015; Klenitskiy & Vasilev, *Turning dross into gold loss*, RecSys 2023 (softmax for sequences of items).
struct SequenceLoss {
  /// What the acts of a room are scored against.
  struct Columns {
    /// nil for all items, in order.
    let items: [UInt32]?
    /// log π; empty for all items.
    let offsets: [Float]
    /// The column of each target.
    let targets: [Int]
  }

  let shape: AttentionShape
  /// Share of the training's targets, by item.
  let shares: [Float]
  let negatives: Int

  /// Columns of a room at most.
  static func columnsMax(_ shape: AttentionShape, negatives: Int, capacity: Int) -> Int {
    negatives >= shape.items ? shape.items : min(shape.items, negatives + capacity)
  }

  func columns(for room: AttentionRoom, using generator: inout SeededGenerator) -> Columns {
    guard negatives < shape.items else {
      return Columns(items: nil, offsets: [], targets: room.targets.map(Int.init))
    }
    var place: [UInt32: Int] = [:]
    var items: [UInt32] = []
    func add(_ item: UInt32) -> Int {
      if let known = place[item] { return known }
      place[item] = items.count
      items.append(item)
      return items.count - 1
    }
    let targets = room.targets.map(add)
    for _ in 0..<negatives { _ = add(UInt32(generator.next(upperBound: UInt64(shape.items)))) }
    let missed = Float(negatives) * log1p(-1 / Float(shape.items))
    let count = Float(room.targets.count)
    let offsets = items.map { log(-expm1(count * log1p(-min(shares[Int($0)], 0.999_999)) + missed)) }
    return Columns(items: items, offsets: offsets, targets: targets)
  }

  /// Adds the gradient of the items to `gradient` and leaves that of the room's vectors in `back`, each act's with the
  /// given weight.
  /// - Returns: Σ of the acts' cross entropies, in nats.
  func backward(
    _ room: AttentionRoom, _ network: AttentionNetwork, _ columns: Columns, weight: Float,
    into gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    let (d, kernels) = (shape.dimensions, network.kernels)
    let count = columns.items?.count ?? shape.items
    var vectors = MatrixPart(network.weights, rows: count, columns: d)
    var vectorsBack = MatrixPart(gradient, rows: count, columns: d)
    if let items = columns.items {
      vectors = MatrixPart(room.columnVectors, rows: count, columns: d)
      vectorsBack = MatrixPart(room.columnBack, rows: count, columns: d)
      vectorsBack.start.update(repeating: 0, count: count * d)
      for (column, item) in items.enumerated() {
        (vectors.start + column * d).update(from: network.weights + Int(item) * d, count: d)
      }
    }
    var loss = 0.0
    for first in stride(from: 0, to: room.count, by: AttentionRoom.tileRows) {
      let rows = first..<min(room.count, first + AttentionRoom.tileRows)
      let output = room.rows(room.outputNormed, d).rows(rows)
      let scores = MatrixPart(room.scores, rows: rows.count, columns: count)
      kernels.multiply(output, byTransposed: vectors, into: scores)
      columns.offsets.withUnsafeBufferPointer { offsets in
        for row in rows {
          loss += Double(
            kernels.softmaxLoss(
              scores.start + (row - first) * count, count: count, offsets: offsets.isEmpty ? nil : offsets.baseAddress,
              target: columns.targets[row], weight: weight))
        }
      }
      kernels.multiply(scores, vectors, into: room.rows(room.back, d).rows(rows))
      kernels.multiply(transposed: scores, output, into: vectorsBack, .add)
    }
    for (column, item) in (columns.items ?? []).enumerated() {
      kernels.add(
        MatrixPart(vectorsBack.start + column * d, rows: 1, columns: d),
        to: MatrixPart(gradient + Int(item) * d, rows: 1, columns: d))
    }
    return loss
  }
}
