import Foundation
import Primitives

/// Exponential decay counted forwards: an event at t weighs 2^((t − L) / H) with half-life H, and a sum is brought to the
/// present by dividing it by the weight of now.
///
/// So no weight ever changes: sums only add up, late events commute with punctual ones, and the order of sums is the same
/// at every moment. The landmark L moves on when weights grow large, always by whole half-lives, so that sums are multiplied
/// by a power of two, which is exact.
///
/// - SeeAlso: Cormode, Shkapenyuk, Srivastava & Xu, *Forward decay: a practical time decay model for streaming systems*,
///   ICDE 2009.
struct ForwardDecay: Sendable, Hashable {
  /// Half-lives that an event may lie after the landmark before that moves; weights stay below 2^64.
  private static let exponentMax: Int64 = 63

  private let halfLifeUs: Int64
  /// In half-lives since 1970; nil before the first event.
  private(set) var landmark: Int64?
  /// The latest event admitted.
  private(set) var newest: Timestamp?

  init(halfLife: Duration) {
    halfLifeUs = halfLife.inMicroseconds
    precondition(halfLifeUs > 0, "a half-life must be positive, got \(halfLife)")
  }

  /// Makes room for an event at `time`.
  /// - Returns: The factor, a power of two, by which all sums are to be multiplied first; nil when nothing changes.
  mutating func admit(_ time: Timestamp) -> Double? {
    let age = halfLives(time).whole
    newest = newest.map { max($0, time) } ?? time
    guard let landmark else {
      self.landmark = age
      return nil
    }
    return age - landmark > Self.exponentMax ? move(to: age) : nil
  }

  /// Moves the landmark, never backwards.
  private mutating func move(to newLandmark: Int64) -> Double? {
    guard let old = landmark, newLandmark > old else {
      landmark = landmark ?? newLandmark
      return nil
    }
    landmark = newLandmark
    return factor(from: old)
  }

  /// What a sum that was kept under another landmark is multiplied by; no later landmark than this one's.
  private func factor(from other: Int64) -> Double { Self.powerOfTwo(other - (landmark ?? other)) }

  /// The weight of an event at `time`: 0 when it is a thousand half-lives before the landmark.
  func weight(at time: Timestamp) -> Double {
    let age = halfLives(time)
    return exp2(age.rest) * Self.powerOfTwo(age.whole - (landmark ?? age.whole))
  }

  /// The weight of an event of now; of the newest event when that is earlier, so that what was learnt does not fade when
  /// nothing comes in, as after an import of old data.
  func unit(at now: Timestamp) -> Double { weight(at: newest.map { min($0, now) } ?? now) }

  private struct HalfLives {
    let whole: Int64
    /// In [0, 1).
    let rest: Double
  }

  private func halfLives(_ time: Timestamp) -> HalfLives {
    let quotient = time.microseconds.quotientAndRemainder(dividingBy: halfLifeUs)
    let isBelow = quotient.remainder < 0
    let rest = isBelow ? quotient.remainder + halfLifeUs : quotient.remainder
    return HalfLives(whole: quotient.quotient - (isBelow ? 1 : 0), rest: Double(rest) / Double(halfLifeUs))
  }

  private static func powerOfTwo(_ exponent: Int64) -> Double {
    exponent < -1_074 ? 0 : Double(sign: .plus, exponent: Int(min(exponent, 1_023)), significand: 1)
  }
}

/// What a saved record says of the decay under which its sums stand.
extension ForwardDecay {
  func encode(into writer: inout BinaryWriter) {
    writer.write(signed: landmark ?? 0)
    writer.write(time: newest ?? Timestamp(microseconds: 0))
  }

  struct Restored {
    /// What all sums are multiplied by first; nil when nothing changes.
    let others: Double?
    /// What the record's sums are multiplied by.
    let own: Double
  }

  /// Takes over landmark and newest event of a record, if they are later.
  mutating func restore(from reader: inout BinaryReader) throws(BinaryError) -> Restored {
    let saved = try reader.readSigned()
    let time = try reader.readTime()
    newest = newest.map { max($0, time) } ?? time
    let others = move(to: saved)
    return Restored(others: others, own: factor(from: saved))
  }
}
