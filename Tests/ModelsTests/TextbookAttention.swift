import Foundation

@testable import Models

/// The network of `SelfAttention` as a textbook writes it: one sequence, one act, one head after the other, in doubles.
struct TextbookAttention {
  let shape: AttentionShape
  var weights: [Double]

  private func matrix(_ start: Int, _ rows: Int, _ columns: Int) -> [[Double]] {
    (0..<rows).map { Array(weights[start + $0 * columns..<start + ($0 + 1) * columns]) }
  }

  private func vector(_ start: Int, _ count: Int) -> [Double] { Array(weights[start..<start + count]) }

  private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

  private func apply(_ matrix: [[Double]], _ x: [Double]) -> [Double] { matrix.map { dot($0, x) } }

  private func sum(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map(+) }

  private func norm(_ x: [Double], _ start: Int) -> [Double] {
    let d = shape.dimensions
    let mean = x.reduce(0, +) / Double(d)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(d)
    return (0..<d).map {
      weights[start + $0] * (x[$0] - mean) / (variance + 1e-5).squareRoot() + weights[start + d + $0]
    }
  }

  /// A vector for each act.
  func vectors(_ acts: [UInt32]) -> [[Double]] {
    let (d, f) = (shape.dimensions, shape.hidden)
    var x = acts.map { vector(Int($0) * d, d).map { $0 * Double(d).squareRoot() } }
    for number in 0..<shape.blocks {
      let part = shape.block(number)
      let (attentionIn, attentionOut) = (matrix(part.attentionIn, 3 * d, d), matrix(part.attentionOut, d, d))
      let (forwardIn, forwardOut) = (matrix(part.forwardIn, f, d), matrix(part.forwardOut, d, f))
      let lookups = x.map { apply(attentionIn, norm($0, part.attentionNorm)) }
      x = x.indices.map { sum(x[$0], apply(attentionOut, mixed(lookups, at: $0, part))) }
      x = x.map { act in
        let raw = sum(
          apply(forwardIn, norm(act, part.forwardNorm)), vector(part.forwardInShift, f))
        let active = raw.map { $0 / (1 + exp(-$0)) }
        return sum(act, sum(apply(forwardOut, active), vector(part.forwardOutShift, d)))
      }
    }
    return x.map { norm($0, shape.lastNorm) }
  }

  private func mixed(_ lookups: [[Double]], at i: Int, _ part: AttentionShape.Block) -> [Double] {
    let (d, size) = (shape.dimensions, shape.headSize)
    return (0..<shape.heads).flatMap { head -> [Double] in
      func piece(_ j: Int, _ kind: Int) -> [Double] {
        Array(lookups[j][kind * d + head * size..<kind * d + (head + 1) * size])
      }
      let looks = (0...i).map { j in
        exp(
          dot(piece(i, 0), piece(j, 1)) / Double(size).squareRoot()
            + weights[part.bias + head * shape.length + shape.length - 1 - (i - j)])
      }
      return (0..<size).map { place in
        (0...i).reduce(0) { $0 + looks[$1] * piece($1, 2)[place] } / looks.reduce(0, +)
      }
    }
  }

  func scores(_ vector: [Double]) -> [Double] {
    (0..<shape.items).map { dot(vector, self.vector($0 * shape.dimensions, shape.dimensions)) }
  }

  /// Mean cross entropy of what followed each act, among all items.
  func loss(_ sequences: [[UInt32]]) -> Double {
    let losses = sequences.flatMap { sequence in
      zip(vectors(Array(sequence.dropLast())), sequence.dropFirst()).map { vector, target in
        let scores = scores(vector)
        return log(scores.reduce(0) { $0 + exp($1) }) - scores[Int(target)]
      }
    }
    return losses.reduce(0, +) / Double(losses.count)
  }
}
