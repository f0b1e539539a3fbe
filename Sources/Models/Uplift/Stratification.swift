import Primitives

/// For each person a part 0 ..< `count`, such that each part has nearly the same share of every arm and, with outcomes of 0 and 1, of every
/// outcome in it. Drawn by the seed.
public func stratifiedFolds(_ data: UpliftData, count: Int, seed: UInt64) -> [Int] {
  var generator = SeededGenerator(seed: seed)
  var parts = Array(repeating: 0, count: data.count)
  var next = 0
  for stratum in strata(data) {
    for row in stratum.shuffled(using: &generator) {
      parts[row] = next % count
      next += 1
    }
  }
  return parts
}

/// Rows of a training and of a test part; nobody is in both.
public struct UpliftSplit: Sendable, Hashable {
  public let training: [Int]
  public let test: [Int]

  /// - Parameters:
  ///   - testShare: In (0, 1); of each stratum, rounded.
  ///   - isStratified: Whether arms and outcomes have the same shares in both parts.
  public init(_ data: UpliftData, testShare: Double, isStratified: Bool, seed: UInt64) {
    precondition(testShare > 0 && testShare < 1)
    var generator = SeededGenerator(seed: seed)
    var (training, test) = ([Int](), [Int]())
    for stratum in isStratified ? strata(data) : [Array(0..<data.count)] {
      let shuffled = stratum.shuffled(using: &generator)
      let count = Int((Double(shuffled.count) * testShare).rounded())
      test += shuffled.prefix(count)
      training += shuffled.dropFirst(count)
    }
    self.training = training.sorted()
    self.test = test.sorted()
  }
}

/// Rows by arm and outcome; outcomes that are numbers count as one.
private func strata(_ data: UpliftData) -> [[Int]] {
  var strata = Array(repeating: [Int](), count: 4)
  for row in 0..<data.count {
    let outcome = data.isBinary && data.outcomes[row] == 1 ? 1 : 0
    strata[(data.treated[row] ? 2 : 0) + outcome].append(row)
  }
  return strata
}
