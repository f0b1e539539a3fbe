public import Primitives
public import Profiles

extension Profile {
  /// Age in whole years (UTC), by the trait `birthday` (also `birthdate`, `date_of_birth`; an ISO date), else the trait
  /// `age`; nil when neither is there or makes sense (0 to 150).
  public func age(at now: Timestamp) -> Int? {
    for name in ["birthday", "birthdate", "date_of_birth"] {
      guard let text = trait(name)?.string, let birth = Timestamp(iso8601: text) else { continue }
      let (born, today) = (CivilTime(birth), CivilTime(now))
      let isBeforeBirthday = (today.month, today.day) < (born.month, born.day)
      return Self.plausible(today.year - born.year - (isBeforeBirthday ? 1 : 0))
    }
    guard let stated = trait("age") else { return nil }
    let years = stated.double ?? stated.string.flatMap { Double($0) }
    return years.flatMap { $0.isFinite && abs($0) < 1_000 ? Self.plausible(Int($0.rounded(.down))) : nil }
  }

  private static func plausible(_ years: Int) -> Int? { (0...150).contains(years) ? years : nil }
}
