import Mathematics
import Testing

@testable import Models

@Suite struct TreeContributionsTests {
  @Test(arguments: [1, 2, 3, 5, 7])
  func `contributions are the library's, and sum to the margin`(depth: Int) throws {
    let examples = treeExamples(400, features: 7)
    let (booster, _) = try TreeTrainer(settings: treeSettings(depth: depth)).boost(examples)
    let ensemble = try TreeEnsemble(xgboostModel: try booster.model(as: .ubj))
    let contributions = TreeContributions(ensemble)
    let rows = treeRows(40, features: 7, seed: 31, missing: 0.2)
    let labels = Array(repeating: Float(0), count: 40)
    let expected = try booster.output(
      .contributions, of: LibraryMatrix(TreeExamples(features: rows, labels: labels), workers: 1))
    for row in 0..<40 {
      let own = contributions.contributions(to: rows[row])
      let theirs = expected[row * 8..<row * 8 + 7]
      #expect(zip(own, theirs).allSatisfy { abs($0 - Double($1)) < 1e-5 }, "row \(row)")
      #expect(abs(contributions.bias - Double(expected[row * 8 + 7])) < 1e-5)
      let margin = Double(ensemble.margin(of: rows[row]))
      #expect(abs(own.reduce(contributions.bias, +) - margin) < 1e-5)
    }
  }

  /// v(S): the row's own way at splits of S, both ways by cover elsewhere.
  private func value(_ tree: RegressionTree, _ row: [Float], _ known: Set<Int>, at place: Int = 0) -> Double {
    let node = tree.nodes[place]
    guard !node.isLeaf else { return Double(node.threshold) }
    let (left, right) = (Int(node.left), Int(node.right))
    if known.contains(Int(node.feature)) {
      let value = row[Int(node.feature)]
      let goesLeft = value.isNaN ? node.missingGoesLeft : value < node.threshold
      return self.value(tree, row, known, at: goesLeft ? left : right)
    }
    return
      (Double(tree.nodes[left].cover) * value(tree, row, known, at: left)
      + Double(tree.nodes[right].cover) * value(tree, row, known, at: right)) / Double(node.cover)
  }

  @Test(arguments: [2, 4, 6]) func `contributions are Shapley values by enumeration`(depth: Int) throws {
    let ensemble = try TreeTrainer(settings: treeSettings(depth: depth, rounds: 5)).fit(
      treeExamples(200, features: 5))
    let contributions = TreeContributions(ensemble)
    let rows = treeRows(6, features: 5, seed: 8, missing: 0.2, hasInfinities: true)
    let factorials = [1.0, 1, 2, 6, 24, 120]
    for place in 0..<6 {
      let row = Array(rows[place])
      let own = contributions.contributions(to: rows[place])
      for feature in 0..<5 {
        let others = (0..<5).filter { $0 != feature }
        var expected = 0.0
        for mask in 0..<16 {
          let subset = Set(others.indices.filter { mask >> $0 & 1 == 1 }.map { others[$0] })
          let weight = factorials[subset.count] * factorials[4 - subset.count] / factorials[5]
          for tree in ensemble.trees {
            expected += weight * (value(tree, row, subset.union([feature])) - value(tree, row, subset))
          }
        }
        #expect(abs(own[feature] - expected) < 1e-5, "row \(place), feature \(feature)")
      }
    }
  }

  @Test func `a feature that no tree asks for adds nothing, and a lone leaf adds to the bias alone`() throws {
    let split = RegressionTree.Node(
      feature: 1, threshold: 0, left: 1, right: 2, missingGoesLeft: true, cover: 4)
    let trees = try [[split, .leaf(1, cover: 1), .leaf(5, cover: 3)], [.leaf(2, cover: 4)]].map {
      try #require(RegressionTree(nodes: $0))
    }
    let contributions = TreeContributions(
      TreeEnsemble(objective: .squaredError, baseMargin: 10, featureCount: 3, trees: trees))
    // v(∅) = (1 · 1 + 3 · 5) / 4 = 4.
    #expect(contributions.bias == 16)
    #expect(contributions.contributions(to: [7, -1, 7]) == [0, -3, 0])
    #expect(contributions.contributions(to: [7, .nan, 7]) == [0, -3, 0])
    #expect(contributions.contributions(to: [7, .infinity, 7]) == [0, 1, 0])
  }
}
