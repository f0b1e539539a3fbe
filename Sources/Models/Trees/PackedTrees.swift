import CKernels
import Mathematics

/// An ensemble's trees as the kernel reads them (`attune_tree_margins`).
struct PackedTrees: Sendable, Hashable {
  enum Form { case fastest, plain }

  /// Levels that are compared as a whole, and what they have.
  private static let levels = 3
  private static let splits = 7
  private static let exits = 8

  /// A feature, read so that what is missing goes one way.
  private struct Slot: Hashable {
    let feature: Int32
    let missingGoesLeft: Bool
  }

  private var features: [UInt32] = []
  private var plainSlotCount = 0
  private var thresholds: [Float] = []
  private var columns: [UInt32] = []
  private var exits: [UInt32] = []
  private var depths: [Int32] = []
  private var nodes: [UInt32] = []

  /// - Returns: nil when no value below a threshold could stand for what is missing and goes left.
  init?(_ trees: [RegressionTree]) {
    let all = trees.lazy.flatMap(\.nodes).filter { !$0.isLeaf }
    guard all.allSatisfy({ !$0.missingGoesLeft || $0.threshold > -.infinity }) else { return nil }
    let slots = Set(all.map { Slot(feature: $0.feature, missingGoesLeft: $0.missingGoesLeft) }).sorted {
      ($0.missingGoesLeft ? 1 : 0, $0.feature) < ($1.missingGoesLeft ? 1 : 0, $1.feature)
    }
    features = slots.map { UInt32($0.feature) }
    plainSlotCount = slots.count { !$0.missingGoesLeft }
    let columnOf = Dictionary(
      uniqueKeysWithValues: slots.enumerated().map { ($0.element, UInt32($0.offset * Self.exits)) })
    for tree in trees {
      let below = max(0, tree.depth - Self.levels)
      depths.append(Int32(below))
      pack(tree, isDeep: below > 0, columnOf)
    }
  }

  private mutating func pack(_ tree: RegressionTree, isDeep: Bool, _ columnOf: [Slot: UInt32]) {
    var level = [0]
    for _ in 0..<Self.levels {
      for place in level {
        let node = tree.nodes[place]
        thresholds.append(node.isLeaf ? 0 : node.threshold)
        columns.append(
          node.isLeaf ? 0 : columnOf[Slot(feature: node.feature, missingGoesLeft: node.missingGoesLeft)] ?? 0)
      }
      // A leaf stands for the whole subtree that it is not.
      level = level.flatMap { place in
        let node = tree.nodes[place]
        return node.isLeaf ? [place, place] : [Int(node.left), Int(node.right)]
      }
    }
    // From left to right; the exits begin with all bits "right".
    for place in level.reversed() {
      exits.append(isDeep ? append(tree, from: place, columnOf) : tree.nodes[place].threshold.bitPattern)
    }
  }

  /// Appends the subtree below a node, siblings side by side.
  /// - Returns: Where the node is.
  private mutating func append(_ tree: RegressionTree, from root: Int, _ columnOf: [Slot: UInt32]) -> UInt32 {
    let first = UInt32(nodes.count / 4)
    nodes += [0, 0, 0, 0]
    var open = [(place: root, at: first)]
    while let (place, at) = open.popLast() {
      let node = tree.nodes[place]
      let words: [UInt32]
      if node.isLeaf {
        words = [Float.nan.bitPattern, 0, at &- 1, node.threshold.bitPattern]
      } else {
        let left = UInt32(nodes.count / 4)
        nodes += [0, 0, 0, 0, 0, 0, 0, 0]
        open += [(Int(node.left), left), (Int(node.right), left + 1)]
        let slot = Slot(feature: node.feature, missingGoesLeft: node.missingGoesLeft)
        words = [node.threshold.bitPattern, columnOf[slot] ?? 0, left, 0]
      }
      nodes.replaceSubrange(Int(at) * 4..<Int(at) * 4 + 4, with: words)
    }
    return first
  }

  /// Shape `[rows.rowCount]`.
  func margins(of rows: FloatMatrix, base: Float, baseMargins: [Float]?, form: Form) -> [Float] {
    guard rows.rowCount > 0 else { return [] }
    let room = UnsafeMutableRawPointer.allocate(byteCount: 32 * max(1, features.count), alignment: 32)
    defer { room.deallocate() }
    let values = room.bindMemory(to: Float.self, capacity: 8 * max(1, features.count))
    return [Float](unsafeUninitializedCapacity: rows.rowCount) { output, filled in
      withKernelTrees { trees in
        rows.values.withUnsafeBufferPointer { rowValues in
          func go(_ bases: UnsafePointer<Float>?) {
            attune_tree_margins(
              trees, rowValues.baseAddress, rows.rowCount, rows.columnCount, bases, base, values,
              form == .plain ? 1 : 0, output.baseAddress)
          }
          if let baseMargins { baseMargins.withUnsafeBufferPointer { go($0.baseAddress) } } else { go(nil) }
        }
      }
      filled = rows.rowCount
    }
  }

  private func withKernelTrees(_ body: (UnsafePointer<attune_trees>) -> Void) {
    features.withUnsafeBufferPointer { features in
      thresholds.withUnsafeBufferPointer { thresholds in
        columns.withUnsafeBufferPointer { columns in
          exits.withUnsafeBufferPointer { exits in
            depths.withUnsafeBufferPointer { depths in
              nodes.withUnsafeBufferPointer { nodes in
                var trees = attune_trees(
                  count: depths.count, features: features.baseAddress, slots: features.count,
                  plain_slots: plainSlotCount, thresholds: thresholds.baseAddress, columns: columns.baseAddress,
                  exits: exits.baseAddress, depths: depths.baseAddress, nodes: nodes.baseAddress)
                body(&trees)
              }
            }
          }
        }
      }
    }
  }
}
