import Foundation
import Mathematics
import Primitives
import Testing

@testable import Models

@Suite struct TreeEnsembleTests {
  @Test(arguments: 1...8)
  func `predictions are the library's to the bit, whatever is missing or infinite`(depth: Int) throws {
    let examples = treeExamples(400, features: 9, seed: UInt64(depth))
    let (booster, _) = try TreeTrainer(settings: treeSettings(depth: depth)).boost(examples)
    let ensemble = try TreeEnsemble(xgboostModel: try booster.model(as: .ubj))
    #expect(ensemble.trees.map(\.depth).max() == depth)
    for count in [0, 1, 7, 8, 9, 133] {
      let rows = treeRows(count, features: 9, seed: 77, missing: 0.2, hasInfinities: true)
      let expected = count == 0 ? [] : try booster.output(.margin, inPlace: rows)
      #expect(bits(ensemble.margins(of: rows)) == bits(expected), "\(count) rows")
      #expect(try bits(#require(ensemble.plainMargins(of: rows))) == bits(expected), "\(count) rows, without vectors")
      #expect(
        (0..<count).map { ensemble.margin(of: rows[$0]).bitPattern } == bits(expected), "\(count) rows, one by one")
      let probabilities = count == 0 ? [] : try booster.output(.prediction, inPlace: rows)
      #expect(bits(ensemble.predictions(of: rows)) == bits(probabilities))
    }
  }

  @Test(arguments: [TreeEnsemble.Objective.squaredError, .rankNDCG, .rankPairwise])
  func `other objectives are the library's to the bit as well`(objective: TreeEnsemble.Objective) throws {
    var examples = rankingExamples()
    if objective == .squaredError {
      examples.groupSizes = nil
      examples.labels = examples.labels.map { $0 * 3 - 100.25 }
    }
    let (booster, _) = try TreeTrainer(settings: treeSettings(objective: objective)).boost(examples)
    let ensemble = try TreeEnsemble(xgboostModel: try booster.model(as: .json))
    let rows = treeRows(50, features: 4, seed: 5)
    #expect(try bits(ensemble.predictions(of: rows)) == bits(booster.output(.prediction, inPlace: rows)))
  }

  @Test func `margins can begin elsewhere for each row`() throws {
    var examples = treeExamples()
    examples.baseMargins = examples.labels.indices.map { Float($0 % 7) / 3 - 1 }
    let (booster, _) = try TreeTrainer(settings: treeSettings()).boost(examples)
    let ensemble = try TreeEnsemble(xgboostModel: try booster.model(as: .ubj))
    let expected = try booster.output(.margin, of: LibraryMatrix(examples, workers: 1))
    #expect(bits(ensemble.margins(of: examples.features, baseMargins: examples.baseMargins)) == bits(expected))
    #expect(bits(ensemble.margins(of: examples.features)) != bits(expected))
  }

  /// Trees of all shapes, with thresholds that training never makes.
  @Test(arguments: 0..<40) func `random trees are walked alike by the kernel and the textbook`(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let trees = try (0..<30).map { _ in try randomTree(depth: 1 + seed % 9, using: &generator) }
    let ensemble = TreeEnsemble(objective: .logistic, baseMargin: 0.3, featureCount: 5, trees: trees)
    let rows = treeRows(21, features: 5, seed: UInt64(seed), missing: 0.3, hasInfinities: true)
    let expected = (0..<21).map { ensemble.margin(of: rows[$0]) }
    #expect(bits(ensemble.margins(of: rows)) == bits(expected), "seed \(seed)")
    let hasLowest = trees.contains {
      $0.nodes.contains { !$0.isLeaf && $0.missingGoesLeft && $0.threshold == -.infinity }
    }
    #expect((ensemble.plainMargins(of: rows) == nil) == hasLowest)
    if let plain = ensemble.plainMargins(of: rows) { #expect(bits(plain) == bits(expected)) }
  }

  private func randomTree(depth: Int, using generator: inout SeededGenerator) throws -> RegressionTree {
    var nodes: [RegressionTree.Node] = []
    func grow(_ level: Int) -> Int32 {
      let place = Int32(nodes.count)
      nodes.append(.leaf(Float(generator.nextUnit()) - 0.5, cover: 1))
      guard level < depth, generator.nextUnit() < 0.85 else { return place }
      let odd: [Float] = [-.infinity, .infinity, 0, -0.0]
      let threshold =
        generator.nextUnit() < 0.02
        ? odd[Int(generator.next(upperBound: UInt64(4)))] : Float(generator.nextUnit() * 4 - 1)
      nodes[Int(place)] = RegressionTree.Node(
        feature: Int32(generator.next(upperBound: UInt64(5))), threshold: threshold, left: 0, right: 0,
        missingGoesLeft: generator.nextUnit() < 0.5, cover: 1)
      let (left, right) = (grow(level + 1), grow(level + 1))
      (nodes[Int(place)].left, nodes[Int(place)].right) = (left, right)
      return place
    }
    _ = grow(0)
    return try #require(RegressionTree(nodes: nodes))
  }

  @Test func `a snapshot gives the same model back, and a damaged one is refused`() throws {
    let ensemble = try TreeTrainer(settings: treeSettings(depth: 5)).fit(treeExamples())
    let bytes = ensemble.snapshot.bytes
    #expect(try TreeEnsemble(snapshot: bytes) == ensemble)
    for count in 0..<bytes.count where count % 97 == 0 || count < 60 {
      #expect(throws: SnapshotRefusal.self) { _ = try TreeEnsemble(snapshot: Array(bytes.prefix(count))) }
    }
    var damaged = bytes
    damaged[bytes.count / 2] ^= 4
    #expect(throws: SnapshotRefusal.damaged) { _ = try TreeEnsemble(snapshot: damaged) }
    let newer = ModelSnapshot(kind: "trees", contentVersion: 2, content: [])
    #expect(throws: SnapshotRefusal.newer(found: 2, known: 1)) { _ = try TreeEnsemble(snapshot: newer.bytes) }
  }

  /// The frame's hash is right, so only the content can tell.
  @Test func `content that makes no trees is refused`() throws {
    let content = try TreeTrainer(settings: treeSettings(rounds: 2)).fit(treeExamples()).snapshot.content
    for place in content.indices {
      for change in [UInt8(0x80), 0x01] {
        var changed = content
        changed[place] ^= change
        // Read as something else or refused: either way no crash, and no walk beyond the nodes.
        let bytes = ModelSnapshot(kind: "trees", contentVersion: 1, content: changed).bytes
        guard let odd = try? TreeEnsemble(snapshot: bytes), odd.featureCount < 100 else { continue }
        _ = odd.margins(of: treeRows(9, features: odd.featureCount, seed: 1))
      }
    }
    #expect(throws: SnapshotRefusal.self) {
      _ = try TreeEnsemble(
        snapshot: ModelSnapshot(kind: "trees", contentVersion: 1, content: Array(content.dropLast())).bytes)
    }
  }

  @Test func `one leaf alone is a tree`() throws {
    let tree = try #require(RegressionTree(nodes: [.leaf(1, cover: 1)]))
    let ensemble = TreeEnsemble(objective: .squaredError, baseMargin: 2, featureCount: 1, trees: [tree])
    #expect(ensemble.margins(of: FloatMatrix(rowCount: 3, columnCount: 1, values: [1, .nan, 2])) == [3, 3, 3])
    let none = TreeEnsemble(objective: .squaredError, baseMargin: 2, featureCount: 0, trees: [])
    #expect(none.margins(of: FloatMatrix(rowCount: 2, columnCount: 0, values: [])) == [2, 2])
  }

  @Test(
    arguments: [
      ("none", []), ("a child that is not there", [split(1, 2), .leaf(1, cover: 1)]),
      ("a way round", [split(0, 1), .leaf(1, cover: 1)]),
      ("two ways to one node", [split(1, 1), .leaf(1, cover: 1)]),
      ("no threshold", [split(1, 2, threshold: .nan), .leaf(1, cover: 1), .leaf(2, cover: 1)]),
    ] as [(String, [RegressionTree.Node])])
  func `nodes that make no tree are refused`(name: String, nodes: [RegressionTree.Node]) {
    #expect(RegressionTree(nodes: nodes) == nil, "\(name)")
  }
}

private func split(_ left: Int32, _ right: Int32, threshold: Float = 0) -> RegressionTree.Node {
  RegressionTree.Node(feature: 0, threshold: threshold, left: left, right: right, missingGoesLeft: false, cover: 1)
}
