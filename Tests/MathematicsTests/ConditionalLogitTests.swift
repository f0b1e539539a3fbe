import Foundation
import Mathematics
import Primitives
import Testing

@Suite struct ConditionalLogitTests {
  /// Choices drawn from known weights.
  static func choices(_ count: Int, theta: [[Float]], seed: UInt64 = 2) -> [ConditionalLogit.Choice] {
    var generator = SeededGenerator(seed: seed)
    let model = ConditionalLogit(weights: theta)
    return (0..<count).map { number in
      let situation = theta.count == 1 ? [1] : [1, Float(generator.nextUnit() * 2 - 1)]
      let features = (0..<5 * theta[0].count).map { _ in Float(generator.nextUnit() * 4 - 2) }
      let shares = model.scores(situation: situation, features: features).map { exp(Double($0)) }
      var draw = generator.nextUnit() * shares.reduce(0, +)
      let chosen = shares.firstIndex { share in
        draw -= share
        return draw < 0
      }
      return ConditionalLogit.Choice(situation: situation, features: features, chosen: chosen ?? 0)
    }
  }

  @Test(arguments: [[[1.0, -0.5]], [[1, -0.5], [0, 0.8]]] as [[[Float]]])
  func `weights that choices were drawn with are found again`(theta: [[Float]]) throws {
    let choices = Self.choices(6_000, theta: theta)
    let model = try #require(ConditionalLogit(learning: choices, featureCount: 2, penalty: 0.1))
    for (found, expected) in zip(model.weights.joined(), theta.joined()) {
      #expect(abs(found - expected) < 0.1, "\(model.weights)")
    }
    let threaded = try #require(ConditionalLogit(learning: choices, featureCount: 2, penalty: 0.1, workers: 3))
    #expect(threaded == model)
  }

  /// Of one feature and no situation the derivative is a sum that can be written down.
  @Test func `at the weights that are found the penalised slope is nothing`() throws {
    let choices = Self.choices(200, theta: [[0.7]])
    let model = try #require(ConditionalLogit(learning: choices, featureCount: 1, penalty: 2))
    let theta = Double(model.weights[0][0])
    let slope = choices.reduce(-2 * theta) { sum, choice in
      let x = choice.features.map { Double($0) }
      let total = x.reduce(0) { $0 + exp(theta * $1) }
      return sum + x[choice.chosen] - x.reduce(0) { $0 + $1 * exp(theta * $1) } / total
    }
    #expect(abs(slope) < 0.05, "\(slope)")
  }

  @Test func `what teaches nothing gives weights of nothing, or none`() throws {
    let same = ConditionalLogit.Choice(situation: [1], features: [3, 3, 3], chosen: 1)
    let model = try #require(ConditionalLogit(learning: [same, same], featureCount: 1, penalty: 1))
    #expect(model.weights == [[0]])
    #expect(ConditionalLogit(learning: [], featureCount: 1, penalty: 1) == nil)
    let odd = ConditionalLogit.Choice(situation: [1], features: [.nan, 1], chosen: 0)
    #expect(ConditionalLogit(learning: [odd], featureCount: 1, penalty: 1) == nil)
  }
}
