import Foundation
import Mathematics
import Primitives

// How often the watch over a model in force cries wolf, and how soon it tells: simulations with printed seeds.

/// Successes among `count` with a share; a normal draw rounded, which is near enough at these counts.
func successes(_ count: Int, share: Double, using generator: inout SeededGenerator) -> Int {
  let spread = (Double(count) * share * (1 - share)).squareRoot()
  let unit = Double.random(in: 1e-9..<1, using: &generator)
  return min(count, max(0, Int((Double(count) * share + NormalDistribution.quantile(unit) * spread).rounded())))
}

/// The day of the alarm after two weeks at `before`, when each day has the share that `share` says; nil for none in 100 days.
func alarm(before: Double, perDay: Int, seed: UInt64, share: (Int) -> Double) -> Int? {
  var generator = SeededGenerator(seed: seed)
  let reference = 14 * perDay
  // As the engine does: one comparison with the model before and one with the own first week share 1 %.
  guard
    var detector = FallDetector(
      successes: successes(reference, share: before, using: &generator), of: reference, tolerance: 0.1,
      falseAlarms: 0.005, horizon: 100)
  else { return nil }
  return (1...100).first { day in
    let rewarded = successes(perDay, share: share(day), using: &generator)
    return detector.add(successes: rewarded, of: perDay)
  }
}

let runs = 2_000
let week = [1, 0.95, 0.9, 1, 1.05, 1.15, 0.95]
print("seeds 0-\(runs - 1); share before 0.1, tolerance 0.1, 0.5 % false alarms in 100 days allowed")
print("people a day; alarms when nothing changes, on weekdays ± 15 %, at 5 % less;")
print("days until a fall by 20 %, 30 %, 50 % is told (median, 90 %)")
for perDay in [30, 100, 300, 1_000] {
  func alarms(_ share: (Int) -> Double) -> [Int?] {
    (0..<UInt64(runs)).map { alarm(before: 0.1, perDay: perDay, seed: $0, share: share) }
  }
  func rate(_ found: [Int?]) -> String {
    String(format: "%.2f %%", 100 * Double(found.count { $0 != nil }) / Double(runs))
  }
  let calm = [alarms { _ in 0.1 }, alarms { 0.1 * week[$0 % 7] }, alarms { _ in 0.095 }].map(rate)
  let falls = [0.8, 0.7, 0.5].map { fall -> String in
    let days = alarms { _ in 0.1 * fall }.map { $0 ?? 101 }.sorted()
    func text(_ day: Int) -> String { day > 100 ? ">100" : String(day) }
    return "\(text(days[runs / 2])), \(text(days[runs * 9 / 10]))"
  }
  print("\(perDay)   \(calm.joined(separator: "   "))   \(falls.joined(separator: " | "))")
}
