/// A binary tree whose leaves hold numbers: a row goes left where its value is below a split's threshold, right where it is
/// not, and where the value is missing (not a number) as the split says.
public struct RegressionTree: Sendable, Hashable {
  public struct Node: Sendable, Hashable {
    /// -1 in a leaf.
    public var feature: Int32
    /// In a leaf its number.
    public var threshold: Float
    public var left: Int32
    public var right: Int32
    public var missingGoesLeft: Bool
    /// Σ of the second derivatives of the training rows that came by: how much weight the node has.
    public var cover: Float

    public var isLeaf: Bool { feature < 0 }

    public init(
      feature: Int32, threshold: Float, left: Int32, right: Int32, missingGoesLeft: Bool, cover: Float
    ) {
      (self.feature, self.threshold, self.left, self.right) = (feature, threshold, left, right)
      (self.missingGoesLeft, self.cover) = (missingGoesLeft, cover)
    }

    public static func leaf(_ value: Float, cover: Float) -> Node {
      Node(feature: -1, threshold: value, left: -1, right: -1, missingGoesLeft: false, cover: cover)
    }
  }

  /// The root first.
  public let nodes: [Node]
  /// Levels of splits; 0 when the root is a leaf.
  public let depth: Int

  /// - Returns: nil when the nodes are no tree: a child that is not there, or that two splits lead to, or a way round; a
  ///   threshold that is not a number; a tree deeper than `depthMax`.
  public init?(nodes: [Node]) {
    guard !nodes.isEmpty else { return nil }
    var isReached = Array(repeating: false, count: nodes.count)
    var open = [(node: 0, level: 0)]
    var depth = 0
    isReached[0] = true
    while let (place, level) = open.popLast() {
      depth = max(depth, level)
      guard !nodes[place].isLeaf else { continue }
      guard !nodes[place].threshold.isNaN else { return nil }
      for child in [Int(nodes[place].left), Int(nodes[place].right)] {
        guard nodes.indices.contains(child), !isReached[child], level < Self.depthMax else { return nil }
        isReached[child] = true
        open.append((child, level + 1))
      }
    }
    self.nodes = nodes
    self.depth = depth
  }

  /// Beyond this a tree is refused rather than walked.
  public static let depthMax = 64

  /// The number of the leaf that a row comes to.
  /// - Parameter row: As many values as there are features, or more.
  public func value(of row: ArraySlice<Float>) -> Float { nodes[leaf(of: row)].threshold }

  /// The place among `nodes` of the leaf that a row comes to.
  public func leaf(of row: ArraySlice<Float>) -> Int {
    var place = 0
    while !nodes[place].isLeaf {
      let node = nodes[place]
      let value = row[row.startIndex + Int(node.feature)]
      let goesLeft = value.isNaN ? node.missingGoesLeft : value < node.threshold
      place = Int(goesLeft ? node.left : node.right)
    }
    return place
  }
}
