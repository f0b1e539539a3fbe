import Foundation

/// How much an observation at one hour of the week says of another: both lie on circles, the hour on that of the day, the day on that of the week.
///
///     K(h, h′) = exp(−Δhour² / (2 σ²)) · ρ^Δday
public struct WeekKernel: Sendable, Hashable {
  public static let hours = 168

  /// σ, in hours.
  public let hourWidth: Double
  /// ρ, in [0, 1]: what the same hour of the next day says.
  public let dayShare: Double
  /// K by day difference (0 … 3) and hour difference (0 … 12).
  private let table: [Double]

  public init(hourWidth: Double, dayShare: Double) {
    precondition(hourWidth > 0 && (0...1).contains(dayShare))
    self.hourWidth = hourWidth
    self.dayShare = dayShare
    table = (0...3).flatMap { day in
      (0...12).map { hour in
        (day == 0 ? 1 : pow(dayShare, Double(day))) * exp(-Double(hour * hour) / (2 * hourWidth * hourWidth))
      }
    }
  }

  /// - Parameters: Hours of the week, from 0.
  public subscript(_ left: Int, _ right: Int) -> Double {
    let (days, hours) = (abs(left / 24 - right / 24), abs(left % 24 - right % 24))
    return table[min(days, 7 - days) * 13 + min(hours, 24 - hours)]
  }
}
