/// Columns brought to mean 0 and variance 1, as penalties need them; what is not known becomes the mean.
///
/// Columns that do not vary are left out.
struct StandardisedColumns: Sendable {
  let means: [Double]
  /// 0 for a column that is left out.
  let inverseDeviations: [Double]

  init(_ table: FeatureTable) {
    let width = table.names.count
    var means = Array(repeating: 0.0, count: width)
    var inverses = Array(repeating: 0.0, count: width)
    for column in 0..<width {
      var (count, mean, squares) = (0.0, 0.0, 0.0)
      for row in 0..<table.rowCount {
        let value = table[row, column]
        guard !value.isNaN else { continue }
        count += 1
        let delta = value - mean
        mean += delta / count
        squares += delta * (value - mean)
      }
      means[column] = mean
      // Of all rows, those set to the mean included: as scikit-learn's scaler after its imputer.
      let variance = squares / Double(max(1, table.rowCount))
      inverses[column] = variance > 1e-18 * max(1, mean * mean) ? 1 / variance.squareRoot() : 0
    }
    self.means = means
    inverseDeviations = inverses
  }

  /// Row after row, with a 1 before each row for the intercept.
  func design(_ table: FeatureTable) -> [Double] {
    let width = means.count
    var design: [Double] = []
    design.reserveCapacity(table.rowCount * (width + 1))
    for row in 0..<table.rowCount {
      design.append(1)
      for column in 0..<width {
        let value = table[row, column]
        design.append(value.isNaN ? 0 : (value - means[column]) * inverseDeviations[column])
      }
    }
    return design
  }
}
