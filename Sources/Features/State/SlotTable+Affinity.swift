import Foundation

/// Decayed weights by key, by forward decay: a weight is kept as of a landmark, a whole number of half-lives since
/// 1970, so that moving the landmark multiplies by a power of two and loses nothing, and a late event adds the share it
/// would have had. Sums of the same events in another order differ by rounding alone.
///
///     word 0     landmark in half-lives (32 bits, offset) | events counted (32)
///     then       by key, ascending: 1 to 8 words of key, a word of weight
///
/// At most `keysMax` keys: when one more comes, the lightest goes (never the one that just came, unless it is late),
/// and what it held is forgotten. Up to there the state does not depend on the order of arrival.
/// - SeeAlso: Cormode, Shkapenyuk, Srivastava & Xu, *Forward Decay: A Practical Time Decay Model for Streaming
///   Systems*, ICDE 2009.
extension SlotTable {
  static let keysMax = 32

  /// A moment in half-lives: `landmark` whole ones and a part in [0, 1).
  struct DecayTime {
    let landmark: UInt32
    let growth: Double  // 2^part

    /// - Precondition: `microseconds` ≥ 0, `halfLife` at least a minute.
    init(microseconds: Int64, halfLife: Int64) {
      let (whole, part) = microseconds.quotientAndRemainder(dividingBy: halfLife)
      landmark = UInt32(clamping: whole)
      growth = exp2(Double(part) / Double(halfLife))
    }
  }

  /// - Parameter counts: Whether it is an event of its own, not one more key of the same.
  mutating func addWeight(
    _ weight: Double, key: FeatureKey, at time: DecayTime, counts: Bool = true, in slot: inout Slot
  ) {
    let isLate = openLandmark(time.landmark, in: &slot)
    let landmark = UInt32(self[slot.start] >> 32)
    let scale = isLate ? Self.powerOfHalf(landmark - time.landmark) : 1
    let events = min((self[slot.start] & 0xFFFF_FFFF) + (counts ? 1 : 0), 0xFFFF_FFFF)
    self[slot.start] = UInt64(landmark) << 32 | events
    addWeight(weight * time.growth * scale, key: key, in: &slot)
    evictLightest(sparing: isLate ? nil : key, in: &slot)
  }

  mutating func mergeAffinity(_ other: SlotTable, _ theirs: Slot, into slot: inout Slot) {
    guard theirs.count > 0 else { return }
    let otherLandmark = UInt32(other[theirs.start] >> 32)
    _ = openLandmark(otherLandmark, in: &slot)
    let landmark = UInt32(self[slot.start] >> 32)
    let scale = Self.powerOfHalf(landmark - otherLandmark)
    let events = min((self[slot.start] & 0xFFFF_FFFF) + (other[theirs.start] & 0xFFFF_FFFF), 0xFFFF_FFFF)
    self[slot.start] = UInt64(landmark) << 32 | events
    other.forEachWeight(of: theirs) { key, weight in addWeight(weight * scale, key: key, in: &slot) }
    evictLightest(sparing: nil, in: &slot)
  }

  /// Events counted, all weights and all times.
  func eventCount(ofAffinity slot: Slot) -> Int { slot.count == 0 ? 0 : Int(self[slot.start] & 0xFFFF_FFFF) }

  /// Half-lives since 1970 (offset) as of which the weights stand.
  func landmark(ofAffinity slot: Slot) -> UInt32 { slot.count == 0 ? 0 : UInt32(self[slot.start] >> 32) }

  func forEachWeight(of slot: Slot, _ body: (FeatureKey, Double) -> Void) {
    var index = slot.start + 1
    while index < slot.end {
      var key = SIMD8<UInt64>.zero
      let count = FeatureKey.wordCount(ofFirst: self[index])
      for word in 0..<count { key[word] = self[index + word] }
      body(FeatureKey(words: key), Double(bitPattern: self[index + count]))
      index += count + 1
    }
  }

  /// Sees to it that the landmark is at least `landmark`; says whether it is later.
  private mutating func openLandmark(_ landmark: UInt32, in slot: inout Slot) -> Bool {
    if slot.count == 0 {
      insert(1, at: slot.start, in: &slot)
      self[slot.start] = UInt64(landmark) << 32
      return false
    }
    let current = UInt32(self[slot.start] >> 32)
    guard current < landmark else { return current > landmark }
    let scale = Self.powerOfHalf(landmark - current)
    var index = slot.start + 1
    while index < slot.end {
      index += FeatureKey.wordCount(ofFirst: self[index])
      self[index] = (Double(bitPattern: self[index]) * scale).bitPattern
      index += 1
    }
    self[slot.start] = UInt64(landmark) << 32 | self[slot.start] & 0xFFFF_FFFF
    return false
  }

  private mutating func addWeight(_ weight: Double, key: FeatureKey, in slot: inout Slot) {
    let keyWords = key.wordCount
    var index = slot.start + 1
    while index < slot.end {
      let count = FeatureKey.wordCount(ofFirst: self[index])
      let order = compare(key, keyWords, with: index, count)
      if order == 0 {
        self[index + count] = (Double(bitPattern: self[index + count]) + weight).bitPattern
        return
      }
      if order < 0 { break }
      index += count + 1
    }
    insert(keyWords + 1, at: index, in: &slot)
    for word in 0..<keyWords { self[index + word] = key.words[word] }
    self[index + keyWords] = weight.bitPattern
  }

  /// Below, at or above 0 as `key` stands before, is, or stands after the key at `index`.
  private func compare(_ key: FeatureKey, _ keyWords: Int, with index: Int, _ count: Int) -> Int {
    for word in 0..<min(keyWords, count) where key.words[word] != self[index + word] {
      return key.words[word] < self[index + word] ? -1 : 1
    }
    return keyWords - count
  }

  private mutating func evictLightest(sparing spared: FeatureKey?, in slot: inout Slot) {
    // A key and its weight take at least two words: most states are known to be small without a look.
    while slot.count > 2 * Self.keysMax {
      var count = 0
      var lightest: (index: Int, words: Int, weight: Double)?
      var index = slot.start + 1
      while index < slot.end {
        let words = FeatureKey.wordCount(ofFirst: self[index])
        let weight = abs(Double(bitPattern: self[index + words]))
        let isSpared = spared.map { compare($0, $0.wordCount, with: index, words) == 0 } ?? false
        if !isSpared, weight < lightest?.weight ?? .infinity { lightest = (index, words + 1, weight) }
        count += 1
        index += words + 1
      }
      guard count > Self.keysMax, let lightest else { return }
      remove(lightest.index..<lightest.index + lightest.words, in: &slot)
    }
  }

  /// 2^-exponent; 0 where a double ends.
  static func powerOfHalf(_ exponent: UInt32) -> Double {
    exponent > 1_000 ? 0 : Double(sign: .plus, exponent: -Int(exponent), significand: 1)
  }
}
