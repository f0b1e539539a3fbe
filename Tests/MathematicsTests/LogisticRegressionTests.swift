import Mathematics
import Testing

/// Expected values are scikit-learn's (1.9).
@Suite struct LogisticRegressionTests {
  static let features = FloatMatrix(
    rowCount: 16, columnCount: 3,
    values: (0..<16).flatMap { (row: Int) -> [Float] in
      let first = Float(row * 7 % 11) / 4 - 1
      let second = Float(row * 5 % 13) / 3
      return [first, second, Float(row * 3 % 7) - 2]
    })
  static let labels: [Float] = [0, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1]

  @Test(
    arguments: [
      (1.0, [-0.05423010354325698, 0.8298110332226099, -0.012741368304178203], -1.577668545137366),
      (10.0, [-0.0012922417194209026, 0.3362215536330157, -0.013623248276897237], -0.6398508668275559),
    ])
  func `coefficients are scikit-learn's`(penalty: Double, coefficients: [Double], intercept: Double) throws {
    let model = try LogisticRegression(features: Self.features, labels: Self.labels, penalty: penalty)
    #expect(zip(model.coefficients, coefficients).allSatisfy { abs($0 - $1) < 1e-6 }, "\(model)")
    #expect(abs(model.intercept - intercept) < 1e-6)
  }

  @Test func `a weight counts as so many rows`() throws {
    let weighted = try LogisticRegression(
      features: Self.features, labels: Self.labels, weights: (1...16).map { Float($0) / 4 }, penalty: 1)
    let expected = [0.18448232896408065, 0.6752574719681939, -0.068237766334382]
    #expect(zip(weighted.coefficients, expected).allSatisfy { abs($0 - $1) < 1e-6 }, "\(weighted)")
    #expect(abs(weighted.intercept - -0.8441736453205173) < 1e-6)
    var values = Self.features.values
    values += values[0..<3]
    let twice = try LogisticRegression(
      features: FloatMatrix(rowCount: 17, columnCount: 3, values: values), labels: Self.labels + [0], penalty: 1)
    let weights = [2] + Array(repeating: Float(1), count: 15)
    let once = try LogisticRegression(
      features: Self.features, labels: Self.labels, weights: weights, penalty: 1)
    #expect(zip(twice.coefficients, once.coefficients).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test func `without features the intercept is the logit of the share`() throws {
    let model = try LogisticRegression(
      features: FloatMatrix(rowCount: 4, columnCount: 0, values: []), labels: [1, 0, 0, 0], penalty: 1)
    #expect(abs(model.probability(of: []) - 0.25) < 1e-9)
  }

  @Test func `labels that a line separates need a penalty`() throws {
    let line = FloatMatrix(rowCount: 4, columnCount: 1, values: [-2, -1, 1, 2])
    #expect(throws: LogisticRegressionError.diverged) {
      _ = try LogisticRegression(features: line, labels: [0, 0, 1, 1], penalty: 0)
    }
    let model = try LogisticRegression(features: line, labels: [0, 0, 1, 1], penalty: 1e-3)
    #expect(model.probability(of: [2]) > 0.99)
    // Far out of scale.
    let wide = FloatMatrix(rowCount: 4, columnCount: 1, values: [-2e6, -1, 1, 2e6])
    #expect(try LogisticRegression(features: wide, labels: [0, 1, 0, 1], penalty: 1).intercept.isFinite)
  }

  @Test(
    arguments: [
      (FloatMatrix(zeros: 0, by: 1), [], nil, .noRows),
      (FloatMatrix(zeros: 2, by: 1), [0], nil, .count(of: "labels", found: 1, expected: 2)),
      (FloatMatrix(zeros: 2, by: 1), [1, 1], nil, .oneLabel(1)),
      (FloatMatrix(zeros: 2, by: 1), [0, 1], [1, 0], .oneLabel(0)),
      (FloatMatrix(zeros: 2, by: 1), [0, 1], [0, 0], .noRows),
      (FloatMatrix(zeros: 2, by: 1), [0, -1], nil, .label(row: 1, found: -1)),
      (FloatMatrix(zeros: 2, by: 1), [0, 1], [1, -1], .weight(row: 1, found: -1)),
      (FloatMatrix(rowCount: 1, columnCount: 2, values: [1, .nan]), [0], nil, .feature(row: 0, column: 1)),
    ] as [(FloatMatrix, [Float], [Float]?, LogisticRegressionError)])
  func `what teaches nothing is refused with the reason`(
    features: FloatMatrix, labels: [Float], weights: [Float]?, error: LogisticRegressionError
  ) {
    #expect(throws: error) {
      _ = try LogisticRegression(features: features, labels: labels, weights: weights, penalty: 1)
    }
  }

  @Test func `scaling brings columns to mean 0 and deviation 1, and what is missing to the mean`() {
    let matrix = FloatMatrix(rowCount: 4, columnCount: 3, values: [1, 7, .nan, 3, 7, .nan, .nan, 7, .nan, 5, 7, .nan])
    let scaling = ColumnScaling(of: matrix)
    #expect(scaling.means == [3, 7, 0])
    #expect(scaling.deviations[1...] == [1, 1])
    let scaled = scaling.scaled(matrix)
    #expect(scaled.values[3...] == [0, 0, 0, 0, 0, 0, scaled.values[9], 0, 0])
    #expect(abs(scaled.values[9] - Float(2 / (8.0 / 3).squareRoot())) < 1e-6)
    #expect(ColumnScaling(of: FloatMatrix(zeros: 0, by: 2)).deviations == [1, 1])
  }
}
