public import Primitives

/// The packed form: objective, base, features, then each tree's nodes.
extension TreeEnsemble {
  public static let name = "trees"
  static let snapshotVersion = 1

  public var snapshot: ModelSnapshot {
    var writer = BinaryWriter(reservingCapacity: 64 + 21 * trees.reduce(0) { $0 + $1.nodes.count })
    encode(into: &writer)
    return ModelSnapshot(kind: Self.name, contentVersion: Self.snapshotVersion, content: writer.bytes)
  }

  /// - Throws: `SnapshotRefusal`, before anything is allocated for numbers that are not there.
  public init(snapshot bytes: [UInt8]) throws(SnapshotRefusal) {
    let snapshot = try ModelSnapshot(bytes, kind: Self.name, knownVersion: Self.snapshotVersion)
    do throws(BinaryError) {
      var reader = BinaryReader(snapshot.content)
      self = try TreeEnsemble(from: &reader)
      guard reader.isAtEnd else { throw BinaryError("\(reader.remaining) bytes after the trees") }
    } catch {
      throw .content(error.description)
    }
  }
}

extension TreeEnsemble: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(string: objective.rawValue)
    writer.write(float: baseMargin)
    writer.write(word32: UInt32(featureCount))
    writer.write(word32: UInt32(trees.count))
    for tree in trees {
      writer.write(word32: UInt32(tree.nodes.count))
      for node in tree.nodes {
        writer.write(word32: UInt32(bitPattern: node.feature))
        writer.write(float: node.threshold)
        writer.write(word32: UInt32(bitPattern: node.left))
        writer.write(word32: UInt32(bitPattern: node.right))
        writer.write(bool: node.missingGoesLeft)
        writer.write(float: node.cover)
      }
    }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    let name = try reader.readString()
    guard let objective = Objective(rawValue: name) else { throw BinaryError("an objective '\(name)'") }
    let baseMargin = try reader.readFloat()
    let featureCount = Int(try reader.readWord32())
    let treeCount = Int(try reader.readWord32())
    var trees: [RegressionTree] = []
    for _ in 0..<treeCount {
      let count = Int(try reader.readWord32())
      guard count <= reader.remaining / 21 else { throw BinaryError("\(count) nodes in \(reader.remaining) bytes") }
      var nodes: [RegressionTree.Node] = []
      nodes.reserveCapacity(count)
      for _ in 0..<count { nodes.append(try RegressionTree.Node(from: &reader)) }
      guard nodes.allSatisfy({ Int($0.feature) < featureCount }), let tree = RegressionTree(nodes: nodes) else {
        throw BinaryError("nodes that make no tree of \(featureCount) features")
      }
      trees.append(tree)
    }
    self.init(objective: objective, baseMargin: baseMargin, featureCount: featureCount, trees: trees)
  }
}

extension RegressionTree.Node {
  fileprivate init(from reader: inout BinaryReader) throws(BinaryError) {
    let feature = Int32(bitPattern: try reader.readWord32())
    let threshold = try reader.readFloat()
    let left = Int32(bitPattern: try reader.readWord32())
    let right = Int32(bitPattern: try reader.readWord32())
    self.init(
      feature: feature, threshold: threshold, left: left, right: right, missingGoesLeft: try reader.readBool(),
      cover: try reader.readFloat())
  }
}
