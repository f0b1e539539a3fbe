import Mathematics
import Primitives

@testable import Models

/// Rows of which some values are missing, infinite, zero of both signs, or equal to a threshold that trees like to choose.
func treeRows(_ count: Int, features: Int, seed: UInt64, missing: Double = 0.1, hasInfinities: Bool = false)
  -> FloatMatrix
{
  var generator = SeededGenerator(seed: seed)
  let values = (0..<count * features).map { _ -> Float in
    let kind = generator.nextUnit()
    if kind < missing { return .nan }
    if hasInfinities, kind < missing + 0.05 { return kind < missing + 0.025 ? .infinity : -.infinity }
    if kind < missing + 0.15 { return kind < missing + 0.1 ? 0 : -0.0 }
    return Float(generator.nextUnit() * 8).rounded() / 2 - 1 + (kind < 0.6 ? Float(generator.nextUnit()) : 0)
  }
  return FloatMatrix(rowCount: count, columnCount: features, values: values)
}

/// Labels that depend on the first three features, and on what is missing.
func treeLabels(_ rows: FloatMatrix, seed: UInt64) -> [Float] {
  var generator = SeededGenerator(seed: seed)
  return (0..<rows.rowCount).map { place in
    let row = Array(rows[place])
    let first = row[0].isNaN ? 1 : row[0] > 0.5 ? 0.8 : -0.6
    let second = row[1] > 1 && row[2] < 1 ? 1.2 : -0.4
    return generator.nextUnit() < 0.5 + 0.25 * (first + second) ? 1 : 0
  }
}

func treeExamples(_ count: Int = 300, features: Int = 6, seed: UInt64 = 3, missing: Double = 0.1) -> TreeExamples {
  let rows = treeRows(count, features: features, seed: seed, missing: missing)
  return TreeExamples(features: rows, labels: treeLabels(rows, seed: seed + 1))
}

func treeSettings(depth: Int = 3, rounds: Int = 20, objective: TreeEnsemble.Objective = .logistic)
  -> TreeTrainer.Settings
{
  var settings = TreeTrainer.Settings()
  (settings.depth, settings.rounds, settings.objective) = (depth, rounds, objective)
  (settings.learningRate, settings.leafCoverMin) = (0.3, 0.5)
  return settings
}

/// Two groups' worth of rows for each question, the better with the higher first feature.
func rankingExamples(groups: Int = 40, size: Int = 6, seed: UInt64 = 9) -> TreeExamples {
  let rows = treeRows(groups * size, features: 4, seed: seed, missing: 0.05)
  let labels = (0..<rows.rowCount).map { place -> Float in
    let first = rows.values[place * 4]
    return first.isNaN ? 0 : first > 1.5 ? 2 : first > 0 ? 1 : 0
  }
  return TreeExamples(features: rows, labels: labels, groupSizes: Array(repeating: size, count: groups))
}

func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }
