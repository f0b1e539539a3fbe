import Foundation
import Primitives
import Testing

@testable import Mathematics

@Suite struct NetworkKernelsTests {
  static func numbers(_ count: Int, seed: UInt64) -> FloatRoom {
    var generator = SeededGenerator(seed: seed)
    let room = FloatRoom(count)
    for place in 0..<count { room.start[place] = Float(generator.nextUnit() * 2 - 1) }
    return room
  }

  enum Turn: CaseIterable { case neither, left, right }

  /// Shapes on both sides of what the kernel takes at once (12 rows, 32 columns, 256 deep).
  @Test(arguments: [(1, 1, 1), (12, 32, 4), (13, 33, 5), (11, 31, 256), (25, 70, 300), (5, 3, 600)], Turn.allCases)
  func `a product is the sum of products, whatever stands beside the matrices`(
    size: (rows: Int, columns: Int, inner: Int), turn: Turn
  ) {
    let (m, n, k) = size
    // Rows lie further apart than they are long.
    let room = (Self.numbers(700 * 310, seed: 1), Self.numbers(700 * 310, seed: 2), Self.numbers(30 * 80, seed: 3))
    let before = room.2.values
    let a =
      turn == .left
      ? MatrixPart(room.0.start, rows: k, columns: m, stride: 301)
      : MatrixPart(room.0.start, rows: m, columns: k, stride: 607)
    let b =
      turn == .right
      ? MatrixPart(room.1.start, rows: n, columns: k, stride: 607)
      : MatrixPart(room.1.start, rows: k, columns: n, stride: 301)
    let c = MatrixPart(room.2.start, rows: m, columns: n, stride: 77)
    func expected(_ i: Int, _ j: Int) -> Double {
      (0..<k).reduce(0) { sum, p in
        let left = turn == .left ? a.start[p * a.stride + i] : a.start[i * a.stride + p]
        let right = turn == .right ? b.start[j * b.stride + p] : b.start[p * b.stride + j]
        return sum + Double(left) * Double(right)
      }
    }
    let kernels = NetworkKernels()
    for store in [NetworkKernels.Store.replace, .add] {
      let old = room.2.values
      switch turn {
      case .neither: kernels.multiply(a, b, into: c, store)
      case .left: kernels.multiply(transposed: a, b, into: c, store)
      case .right: kernels.multiply(a, byTransposed: b, into: c, store)
      }
      for i in 0..<m {
        for j in 0..<n {
          let sum = expected(i, j) + (store == .add ? Double(old[i * 77 + j]) : 0)
          #expect(abs(Double(c.start[i * 77 + j]) - sum) < 1e-4)
        }
      }
    }
    let outside = room.2.values.indices.filter { $0 % 77 >= n || $0 / 77 >= m }
    #expect(outside.allSatisfy { room.2.values[$0] == before[$0] }, "nothing beside the product is written")
  }

  @Test func `the door of OpenBLAS gives the same product`() {
    let (a, b) = (Self.numbers(20 * 40, seed: 4), Self.numbers(30 * 40, seed: 5))
    let (one, other) = (Self.numbers(20 * 30, seed: 6), Self.numbers(20 * 30, seed: 6))
    NetworkKernels().multiply(
      MatrixPart(a.start, rows: 20, columns: 40), byTransposed: MatrixPart(b.start, rows: 30, columns: 40),
      into: MatrixPart(one.start, rows: 20, columns: 30), .add)
    DenseKernels().multiply(
      a.start, stride: 40, isTransposed: false, b.start, stride: 40, isTransposed: true, rows: 20, columns: 30,
      inner: 40, adds: true, into: other.start, stride: 30)
    #expect(zip(one.values, other.values).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  /// Scores from small to so large that a plain exponential has no room for them.
  @Test(arguments: [1, 30, 1_000] as [Float])
  func `a softmax's loss and gradient are those of the formula`(scale: Float) {
    let room = Self.numbers(37, seed: 7)
    for place in 0..<37 { room.start[place] *= scale }
    let scores = room.values.map { Double($0) }
    let offsets = (0..<37).map { Float($0) * 0.01 }
    let corrected = (0..<37).map { place -> Double in
      place == 5 ? scores[place] : scores[place] - Double(offsets[place])
    }
    let top: Double = corrected.reduce(-Double.infinity) { max($0, $1) }
    let powers: [Double] = corrected.map { exp($0 - top) }
    let sum: Double = powers.reduce(0, +)
    let loss = NetworkKernels().softmaxLoss(room.start, count: 37, offsets: offsets, target: 5, weight: 0.5)
    let tolerance = Double(max(1, scale))
    #expect(abs(Double(loss) - (top + log(sum) - scores[5])) < 1e-5 * tolerance)
    for place in 0..<37 {
      let gradient = 0.5 * (powers[place] / sum - (place == 5 ? 1 : 0))
      #expect(abs(Double(room.start[place]) - gradient) < 1e-6 * tolerance)
    }
  }

  /// The first three steps of Kingma & Ba's algorithm 1 for gradients 0.1, −0.2, 0.3 at a rate of 0.01, worked out by hand
  /// with its decays of 0.9 and 0.999.
  @Test func `a step of Adam is the paper's`() {
    let (w, mean, square, average) = (FloatRoom(1), FloatRoom(1), FloatRoom(1), FloatRoom(1))
    var (m, v, expected) = (0.0, 0.0, 0.0)
    for (step, gradient) in [0.1, -0.2, 0.3].enumerated() {
      let t = Double(step + 1)
      m = 0.9 * m + 0.1 * gradient
      v = 0.999 * v + 0.001 * gradient * gradient
      expected -= 0.01 * (m / (1 - pow(0.9, t))) / ((v / (1 - pow(0.999, t))).squareRoot() + 1e-8)
      let correction = Float((1 - pow(0.999, t)).squareRoot() / (1 - pow(0.9, t)))
      NetworkKernels().adam(
        w.start, gradient: [Float(gradient)], mean: mean.start, square: square.start, average: average.start, count: 1,
        step: .init(
          rate: 0.01 * correction, meanDecay: 0.9, squareDecay: 0.999, epsilon: 1e-8, weightDecay: 0, blend: 0.5))
      #expect(abs(Double(w.start[0]) - expected) < 1e-6)
    }
    #expect(average.start[0] != 0 && abs(average.start[0]) < abs(w.start[0]))
  }
}
