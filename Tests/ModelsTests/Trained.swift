import Catalog
import Features
import Mathematics
import Primitives

@testable import Models

/// A model of people with tastes: items 0 ..< `items` of `occurrences(_:items:)`, so that later ones are newcomers.
func trainedTable(items itemCount: Int = 45, dimensions: Int = 8, seed: UInt64 = 5) throws -> FactorTable {
  try FactorTable(trainedFactors(items: itemCount, dimensions: dimensions, seed: seed), items: items(0..<itemCount))
}

func trainedFactors(items itemCount: Int = 45, dimensions: Int = 8, seed: UInt64 = 5) throws -> ImplicitALS {
  let likings = occurrences(1_200, seed: seed).filter {
    Int($0.act.item.rawValue) < itemCount && FactorModel.isLiking($0.act)
  }
  let pairs = Set(likings.map { [$0.person, Int($0.act.item.rawValue)] })
  let cells = pairs.map { SparseRows.Cell(row: $0[0], column: $0[1]) }
  var settings = ImplicitALS.Settings()
  settings.dimensions = dimensions
  settings.epochs = 6
  settings.seed = seed
  return try ImplicitALS(
    training: SparseRows(cells, rowCount: 20, columnCount: itemCount), settings: settings, workers: 1)
}

/// Ridge regression as a textbook has it, in doubles: x = (Σ_observed ffᵀ + α Σ_all ffᵀ + λI)⁻¹ Σ_observed f.
func textbookRidge(observed: [[Double]], all: [[Double]], alpha: Double, penalty: Double) -> [Double] {
  let size = (observed.first ?? all.first ?? []).count
  var system = Array(repeating: Array(repeating: 0.0, count: size + 1), count: size)
  for place in 0..<size { system[place][place] = penalty }
  for (rows, weight) in [(observed, 1.0), (all, alpha)] {
    for row in rows {
      for one in 0..<size { for other in 0..<size { system[one][other] += weight * row[one] * row[other] } }
    }
  }
  for row in observed { for place in 0..<size { system[place][size] += row[place] } }
  // Gaussian elimination with the largest pivot.
  for column in 0..<size {
    let pivot = (column..<size).max { abs(system[$0][column]) < abs(system[$1][column]) } ?? column
    system.swapAt(column, pivot)
    for row in 0..<size where row != column {
      let factor = system[row][column] / system[column][column]
      for place in column...size { system[row][place] -= factor * system[column][place] }
    }
  }
  return (0..<size).map { system[$0][size] / system[$0][$0] }
}

extension FloatMatrix {
  var doubles: [[Double]] { (0..<rowCount).map { self[$0].map { Double($0) } } }
}

func isNear(_ found: some Sequence<Float>, _ expected: [Double], within: Double = 2e-4) -> Bool {
  let found = found.map { Double($0) }
  let scale = max(1e-3, expected.map(abs).max() ?? 0)
  return found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) <= within * scale }
}
