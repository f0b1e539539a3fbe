import Foundation

/// Values of one dimension, placed between two ends of a drawing.
struct Axis {
  let low: Double
  let high: Double
  let ticks: [Double]
  /// Digits after the point that tell the ticks apart.
  let digits: Int

  /// Reaches over all values, from and to round numbers, in about `count` steps of 1, 2 or 5 times a power of ten.
  init(covering values: [Double], including more: [Double] = [], count: Int = 5) {
    let all = (values + more).filter(\.isFinite)
    var (low, high) = (all.min() ?? 0, all.max() ?? 1)
    if high - low < 1e-9 {
      let room = max(abs(high) * 0.1, 1e-3)
      (low, high) = (low - room, high + room)
    }
    let rough = (high - low) / Double(count)
    let power = pow(10, floor(log10(rough)))
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? 10 * power
    let (first, last) = (floor(low / step + 1e-9), ceil(high / step - 1e-9))
    self.low = first * step
    self.high = last * step
    ticks = stride(from: first, through: last, by: 1).map { $0 * step }
    digits = max(0, Int(-floor(log10(step) + 1e-9)))
  }

  func place(_ value: Double, from start: Double, to end: Double) -> Double {
    start + (value - low) / (high - low) * (end - start)
  }

  func label(_ tick: Double) -> String { (abs(tick) < 1e-12 ? 0 : tick).fixed(digits) }
}
