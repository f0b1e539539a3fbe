import Foundation
import Primitives
import Testing

@testable import Mathematics

@Suite struct SphericalKMeansTests {
  /// Forty directions around four, 22.5° apart.
  private static let four = directions(
    (0..<40).map { number in
      let angle = Double(number % 4) * .pi / 8 + Double((number * 13) % 17 - 8) / 100
      return [cos(angle), sin(angle), 0.2 * Double((number * 7) % 5 - 2) / 2]
    })

  private static func directions(_ rows: [[Double]]) -> FloatMatrix {
    FloatMatrix(
      rowCount: rows.count, columnCount: rows[0].count,
      values: rows.flatMap { row in
        let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return row.map { Float($0 / length) }
      })
  }

  /// Rows and centres settled in turn, one product after the other.
  private static func textbook(_ rows: FloatMatrix, from first: [[Float]]) -> (groups: [Int], agreement: Double) {
    func product(_ row: Int, _ centre: [Float]) -> Double {
      zip(rows[row], centre).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    var centres = first
    var groups: [Int] = []
    while true {
      let next = (0..<rows.rowCount).map { row in
        centres.indices.max { (product(row, centres[$0]), -$0) < (product(row, centres[$1]), -$1) } ?? 0
      }
      if next == groups { break }
      groups = next
      for centre in centres.indices {
        var sum = [Double](repeating: 0, count: rows.columnCount)
        for row in groups.indices where groups[row] == centre {
          for (column, value) in rows[row].enumerated() { sum[column] += Double(value) }
        }
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        centres[centre] = sum.map { Float($0 / length) }
      }
    }
    return (groups, groups.enumerated().reduce(0) { $0 + product($1.offset, centres[$1.element]) })
  }

  /// The sum is NumPy's for the same rows and first centres; scikit-learn's KMeans finds the same groups.
  @Test func `rows settle as in the textbook, and as NumPy has it`() {
    let rows = Self.four
    let first = rows.rows([0, 1, 2, 3])
    let fit = SphericalKMeans().settled(rows, from: first)
    let plain = Self.textbook(rows, from: (0..<4).map { Array(first[$0]) })
    #expect(fit.groups == plain.groups && fit.groups == (0..<40).map { $0 % 4 })
    #expect(abs(fit.agreement - plain.agreement) < 1e-4)
    #expect(abs(fit.agreement - 39.569949287872845) < 1e-4)
  }

  @Test func `from chance beginnings random rows settle where the textbook settles`() {
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<10 {
      let rows = Self.directions(
        (0..<60).map { _ in (0..<5).map { _ in Double.random(in: 0.01...1, using: &generator) } })
      let first = rows.rows((0..<60).shuffled(using: &generator).prefix(6))
      let fit = SphericalKMeans().settled(rows, from: first)
      let plain = Self.textbook(rows, from: (0..<6).map { Array(first[$0]) })
      #expect(abs(fit.agreement - plain.agreement) < 1e-3, "seed 8")
      #expect(adjustedRandIndex(fit.groups, plain.groups) > 0.95, "seed 8")
    }
  }

  @Test func `groups that are there are found, whatever the seed`() {
    for seed in UInt64(0)..<5 {
      var generator = SeededGenerator(seed: seed)
      let fit = SphericalKMeans().fit(Self.four, k: 4, using: &generator)
      #expect(adjustedRandIndex(fit.groups, (0..<40).map { $0 % 4 }) == 1, "seed \(seed)")
    }
  }

  @Test func `the same seed gives the same groups`() {
    var (left, right) = (SeededGenerator(seed: 3), SeededGenerator(seed: 3))
    let fits = [
      SphericalKMeans().fit(Self.four, k: 7, using: &left), SphericalKMeans().fit(Self.four, k: 7, using: &right),
    ]
    #expect(fits[0].groups == fits[1].groups && fits[0].centres == fits[1].centres)
  }

  @Test func `one group, as many groups as rows, and rows that are all alike are no trouble`() {
    var generator = SeededGenerator(seed: 1)
    #expect(SphericalKMeans().fit(Self.four, k: 1, using: &generator).groups.allSatisfy { $0 == 0 })
    #expect(Set(SphericalKMeans().fit(Self.four.rows(0..<9), k: 9, using: &generator).groups).count == 9)
    let alike = Self.directions(Array(repeating: [1, 2, 2], count: 6))
    let fit = SphericalKMeans().fit(alike, k: 3, using: &generator)
    #expect(fit.centres.isFinite && abs(fit.agreement - 6) < 1e-5)
  }

  @Test func `the number of groups that is there holds, and cutting them up does not`() throws {
    var stability: [Int: Double] = [:]
    for groups in 2...7 {
      var generator = SeededGenerator(seed: 2)
      var found = ClusterStability()
      found.clustering.starts = 4
      stability[groups] = try #require(found.stability(of: groups, on: Self.four, using: &generator)).mean
    }
    #expect(stability[4] == 1)
    #expect(stability.filter { $0.key > 4 }.allSatisfy { $0.value < 0.95 }, "\(stability)")
  }
}
