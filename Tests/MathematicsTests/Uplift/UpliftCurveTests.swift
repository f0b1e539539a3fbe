import Foundation
import Mathematics
import Primitives
import Testing

@Suite struct UpliftCurveTests {
  struct Case {
    let id: String
    let curve: UpliftCurve
    let scores: [Double]
    let expected: JSONValue
  }

  /// `shared/reference-cases/uplift.json` (PyPI scikit-uplift 0.5.1), tolerance 1e-9 relative.
  static func cases() throws -> [Case] {
    var folder = URL(filePath: #filePath).resolvingSymlinksInPath()
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let file = folder.appending(path: "shared/reference-cases/uplift.json")
      guard let text = try? String(contentsOf: file, encoding: .utf8) else { continue }
      return try (JSONValue(parsing: text)["cases"]?.array ?? []).compactMap { row in
        guard let inputs = row["inputs"], let scores = numbers(inputs["score"]) else { return nil }
        return Case(
          id: row["id"]?.string ?? "",
          curve: UpliftCurve(
            scores: scores, treated: (numbers(inputs["treatment"]) ?? []).map { $0 == 1 },
            outcomes: numbers(inputs["outcome"]) ?? []), scores: scores, expected: row["expected"] ?? .null)
      }
    }
    print("skipped: no shared/reference-cases/uplift.json in any folder above \(#filePath)")
    return []
  }

  static func number(_ value: JSONValue?) -> Double? { value?.double ?? value?.int.map(Double.init) }
  static func numbers(_ value: JSONValue?) -> [Double]? { value?.array?.compactMap(number) }

  @Test func `curves, coefficients and cuts are those of scikit-uplift, ties included`() throws {
    for row in try Self.cases() {
      func expect(_ found: Double?, _ name: String) {
        guard let expected = Self.number(row.expected[name]) else { return }
        #expect(
          found.map { isClose($0, expected, relative: 1e-9) || abs($0 - expected) < 1e-12 } == true, "\(row.id) \(name)"
        )
      }
      func expect(_ points: [UpliftCurve.Point]?, _ name: String) throws {
        guard let expected = row.expected[name] else { return }
        let found = try #require(points)
        #expect(found.map(\.count) == Self.numbers(expected["x"]), "\(row.id) \(name)")
        let values = try #require(Self.numbers(expected["y"]))
        #expect(
          zip(found, values).allSatisfy { abs($0.value - $1) < 1e-9 } && found.count == values.count,
          "\(row.id) \(name)")
      }
      expect(row.curve.coefficient(.qini), "qini_auc_normalised")
      expect(row.curve.coefficient(.uplift), "uplift_auc_normalised")
      expect(row.curve.qiniWithoutHarm(), "qini_auc_no_negative_effect")
      expect(row.curve.uplift(atShare: 0.3), "uplift_at_30_overall")
      expect(row.curve.uplift(atShare: 0.3, .byArm), "uplift_at_30_by_group")
      expect(row.curve.uplift(atShare: 1), "ate")
      expect(UpliftCurve.area(row.curve.points(.qini)), "qini_area_raw")
      expect(row.curve.perfectPoints(.qini).map(UpliftCurve.area), "qini_area_perfect")
      expect(row.curve.points(.qini).last.map { $0.count * $0.value / 2 }, "qini_area_random")
      // The file names ten groups; its value is that of five: (2·1 + 2·½ + 1·⅓ + 2·½ + 3·0) / 10 in the tied case, by hand.
      let five = UpliftGroups(row.curve, scores: row.scores, count: 5, level: 0.95)
      expect(five.weightedAverage(row.curve), "weighted_average_uplift_10")
      try expect(row.curve.points(.qini), "qini_curve")
      try expect(row.curve.points(.uplift), "uplift_curve")
      try expect(row.curve.perfectPoints(.qini), "perfect_qini")
      try expect(row.curve.perfectPoints(.uplift), "perfect_uplift")
      if let ranks = Self.numbers(row.expected["qini_per_rank"]) {
        #expect(zip(row.curve.points(.qini).dropFirst(), ranks).allSatisfy { abs($0.value - $1) < 1e-9 })
      }
      if let ranks = Self.numbers(row.expected["cumulative_uplift_per_rank"]) {
        // From the second rank on: before, one arm is missing, which that package calls 0.
        let found = row.curve.points(.uplift).dropFirst().map { $0.value / $0.count }
        #expect(zip(found, ranks).dropFirst().allSatisfy { abs($0 - $1) < 1e-9 })
      }
    }
  }

  /// Everybody in one group of equal scores: no ranking, so no better than chance.
  @Test func `a score that is the same for all is worth nothing`() {
    var generator = SeededGenerator(seed: 3)
    let treated = (0..<200).map { _ in generator.nextUnit() < 0.5 }
    let outcomes = treated.map { generator.nextUnit() < ($0 ? 0.5 : 0.3) ? 1.0 : 0 }
    let curve = UpliftCurve(scores: Array(repeating: 1, count: 200), treated: treated, outcomes: outcomes)
    #expect(curve.coefficient(.qini) == 0)
    #expect(abs(curve.coefficient(.uplift) ?? 1) < 1e-12)
    let perfect = UpliftCurve(
      scores: zip(outcomes, treated).map { $1 ? $0 : -$0 }, treated: treated, outcomes: outcomes)
    #expect(isClose(perfect.coefficient(.qini) ?? 0, 1, relative: 1e-12))
  }

  @Test func `weights count people as often as they say`() {
    var generator = SeededGenerator(seed: 4)
    let count = 60
    let scores = (0..<count).map { _ in (generator.nextUnit() * 20).rounded() }
    let treated = (0..<count).map { _ in generator.nextUnit() < 0.5 }
    let outcomes = (0..<count).map { _ in generator.nextUnit() < 0.4 ? 1.0 : 0 }
    let weights = (0..<count).map { _ in Double(Int(generator.nextUnit() * 3)) }
    let repeated = (0..<count).flatMap { Array(repeating: $0, count: Int(weights[$0])) }
    let curve = UpliftCurve(scores: scores, treated: treated, outcomes: outcomes)
    let copies = UpliftCurve(
      scores: repeated.map { scores[$0] }, treated: repeated.map { treated[$0] },
      outcomes: repeated.map { outcomes[$0] })
    #expect(isClose(curve.coefficient(.qini, weights: weights) ?? 0, copies.coefficient(.qini) ?? 1, relative: 1e-9))
  }

  @Test func `what cannot be said is absent`() {
    #expect(UpliftCurve(scores: [], treated: [], outcomes: []).coefficient(.qini) == nil)
    let alone = UpliftCurve(scores: [1, 2], treated: [true, true], outcomes: [1, 0])
    #expect(alone.uplift(atShare: 1) == nil)
    let money = UpliftCurve(scores: [1, 2, 3, 4], treated: [true, false, true, false], outcomes: [3, 1.5, 9, 2])
    #expect(money.coefficient(.uplift) == nil && money.coefficient(.qini) != nil)
  }
}
