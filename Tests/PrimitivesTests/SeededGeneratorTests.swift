import Primitives
import Testing

@Suite struct SeededGeneratorTests {
  // From an independent implementation that gives the published outputs of SplitMix64 (seed 0) and of xoshiro256★★
  // (state 1, 2, 3, 4).
  @Test(
    arguments: [
      (0, [0x99EC_5F36_CB75_F2B4, 0xBF6E_1F78_4956_452A, 0x1A5F_849D_4933_E6E0, 0x6AA5_94F1_262D_2D2C]),
      (1, [0xB3F2_AF6D_0FC7_10C5, 0x853B_5596_4736_4CEA, 0x92F8_9756_082A_4514, 0x642E_1C7B_C266_A3A7]),
      (42, [0x1578_0B2E_0C2E_C716, 0x6104_D986_6D11_3A7E, 0xAE17_5332_39E4_99A1, 0xECB8_AD47_03B3_60A1]),
      (UInt64.max, [0x8F55_20D5_2A7E_AD08, 0xC476_A018_CAA1_802D, 0x81DE_31C0_D260_469E, 0xBF65_8D7E_065F_3C2F]),
    ] as [(UInt64, [UInt64])])
  func `a seed gives the sequence of xoshiro256★★ filled by SplitMix64`(seed: UInt64, expected: [UInt64]) {
    var generator = SeededGenerator(seed: seed)
    #expect(expected.map { _ in generator.next() } == expected)
  }

  @Test func `a unit draw lies from 0 to below 1, evenly`() {
    var generator = SeededGenerator(seed: 3)
    var tenths = [Int](repeating: 0, count: 10)
    for _ in 0..<100_000 {
      let draw = generator.nextUnit()
      #expect((0..<1).contains(draw))
      tenths[Int(draw * 10)] += 1
    }
    // Each tenth has 10,000 ± 5 standard deviations of 95.
    #expect(tenths.allSatisfy { abs($0 - 10_000) < 475 })

    struct Constant: RandomNumberGenerator { let word: UInt64; func next() -> UInt64 { word } }
    var lowest = Constant(word: 0)
    var highest = Constant(word: .max)
    #expect(lowest.nextUnit() == 0)
    #expect(highest.nextUnit() == 1 - 0x1p-53)
  }
}
