import Primitives

/// A ranked list after the exploration draw, with the probability of what stands where.
///
/// With probability ε one place of the list, drawn evenly among the S places open to exploration, is given to a contender
/// that was not chosen, drawn in proportion to its weight among those that may stand there. So, given the contenders, an
/// explored contender i stands at place s with probability ε / S · w_i / Σw, and a chosen one keeps its place with
/// 1 − ε / S where anything could have replaced it and 1 elsewhere. The first place is never explored unless it is the only one.
public struct Exploration: Sendable {
  /// Indices into the ranking's contenders.
  public let list: [Int]
  /// One for each place, in (0, 1].
  public let propensities: [Float]
  /// The place, from 0, that was given to exploration.
  public let exploredPlace: Int?

  /// - Parameters:
  ///   - share: ε in [0, 1].
  ///   - weights: One for each contender, positive.
  /// - Complexity: O(places × contenders) at worst, O(contenders) as a rule.
  public init(
    of ranking: Ranking, share: Float, weights: [Float], using generator: inout some RandomNumberGenerator
  ) {
    let places = ranking.chosen
    var isChosen = [Bool](repeating: false, count: ranking.contenders.count)
    for index in places { isChosen[index] = true }
    let spares = ranking.contenders.indices.filter { !isChosen[$0] }
    // Two draws whatever comes of them, so that the same seed gives the same list when a rule changes nothing.
    let exploreDraw = Float(generator.nextUnit())
    let placeDraw = generator.nextUnit()
    let itemDraw = generator.nextUnit()

    let open = places.count == 1 ? 0..<1 : places.count > 1 ? 1..<places.count : 0..<0
    guard share > 0, !open.isEmpty, !spares.isEmpty else {
      list = places
      propensities = [Float](repeating: 1, count: places.count)
      exploredPlace = nil
      return
    }
    let shareOfPlace = share / Float(open.count)
    var probabilities = places.indices.map { place -> Float in
      let canChange = open.contains(place) && spares.contains { ranking.mayReplace(place: place, by: $0) }
      return canChange ? 1 - shareOfPlace : 1
    }
    var explored = places
    var exploredPlace: Int?
    if exploreDraw < share {
      let place = open.lowerBound + min(Int(placeDraw * Double(open.count)), open.count - 1)
      let fitting = spares.filter { ranking.mayReplace(place: place, by: $0) }
      let total = fitting.reduce(0) { $0 + Double(weights[$1]) }
      var left = itemDraw * total
      if let last = fitting.last {
        let drawn =
          fitting.first { index in
            left -= Double(weights[index])
            return left < 0
          } ?? last
        explored[place] = drawn
        probabilities[place] = shareOfPlace * Float(Double(weights[drawn]) / total)
        exploredPlace = place
      }
    }
    list = explored
    propensities = probabilities
    self.exploredPlace = exploredPlace
  }
}
