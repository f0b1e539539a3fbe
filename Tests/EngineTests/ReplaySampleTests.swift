import Primitives
import Testing

@testable import Engine

@Suite struct ReplaySampleTests {
  private func drawn(_ count: Int, of all: UInt64, seed: UInt64) -> [LogPosition] {
    var draw = ReplaySample.Draw(ReplaySample(count: count, seed: seed))
    for position in 1...all { draw.offer(LogPosition(position)) }
    return draw.drawn
  }

  @Test func `each is as likely as any other, none comes twice, and a seed draws the same`() {
    var counts = [Int](repeating: 0, count: 21)
    for seed in 0..<2_000 {
      let positions = drawn(5, of: 20, seed: UInt64(seed))
      #expect(Set(positions).count == 5 && positions == drawn(5, of: 20, seed: UInt64(seed)))
      for position in positions { counts[Int(position.rawValue)] += 1 }
    }
    // 500 each, five standard deviations of √(2000 · ¼ · ¾) on either side.
    #expect(counts.dropFirst().allSatisfy { (403...597).contains($0) }, "\(counts)")
  }
}
