import Foundation
import Mathematics
import Models
import Primitives
import Testing

@Suite struct SendTimeTests {
  /// People of two cohorts (mornings, evenings) who prefer an hour of their own near their cohort's; some open more than others.
  struct World {
    let sends: [[SendTime.Send]]
    let cohorts: [Int]
    /// Of each person and hour.
    let truth: [[Double]]

    init(people: Int, sendsEach: Int, seed: UInt64) {
      var generator = SeededGenerator(seed: seed)
      var (sends, cohorts, truth) = ([[SendTime.Send]](), [Int](), [[Double]]())
      for person in 0..<people {
        let cohort = person % 2
        let favourite = (cohort == 0 ? 8.0 : 19) + 3 * generator.nextStandardNormal()
        let level = 0.05 + 0.15 * generator.nextUnit()
        let rates = (0..<168).map { hour in
          let apart = abs(Double(hour % 24) - favourite).truncatingRemainder(dividingBy: 24)
          let distance = min(apart, 24 - apart)
          return level * (0.4 + 2.5 * exp(-distance * distance / 8)) * (hour >= 120 ? 0.7 : 1)
        }
        sends.append(
          (0..<sendsEach).map { _ in
            let hour = Int(168 * generator.nextUnit())
            return SendTime.Send(hour: hour, isOpened: generator.nextUnit() < rates[hour])
          })
        cohorts.append(cohort)
        truth.append(rates)
      }
      (self.sends, self.cohorts, self.truth) = (sends, cohorts, truth)
    }

    /// Mean true rate at the hours that `choice` names, as a share of the best there is.
    func quality(_ choice: (Int) -> Int) -> Double {
      var (found, best) = (0.0, 0.0)
      for person in truth.indices {
        found += truth[person][choice(person)]
        best += truth[person].max() ?? 0
      }
      return found / best
    }
  }

  @Test func `the shrunk curve beats everybody's, the cohort's and the person's raw one`() throws {
    let world = World(people: 240, sendsEach: 60, seed: 11)
    let model = try SendTime(world.sends, cohorts: world.cohorts)
    func first(_ curve: [Double]) -> Int { curve.indices.max { curve[$0] < curve[$1] } ?? 0 }
    let shrunk = world.quality { model.best($0)?.hour ?? 0 }
    let everybody = world.quality { _ in first(model.everybody) }
    let cohort = world.quality { first(model.cohortCurve(world.cohorts[$0])) }
    // Raw: opens a send by hour of the week.
    let raw = world.quality { person in
      var rates = Array(repeating: 0.0, count: 168)
      for (hour, list) in Dictionary(grouping: world.sends[person], by: \.hour) {
        rates[hour] = Double(list.count { $0.isOpened }) / Double(list.count)
      }
      return first(rates)
    }
    print(
      "send time, seed 11: shrunk \(shrunk), cohort \(cohort), everybody \(everybody), raw \(raw), m \(model.strength)")
    #expect(shrunk > cohort + 0.02)
    #expect(shrunk > everybody + 0.1)
    #expect(shrunk > raw + 0.1)
  }

  /// The formulas written out over all pairs of hours, beside the one over what was sent.
  @Test func `curves agree with the textbook formulas`() throws {
    let world = World(people: 30, sendsEach: 25, seed: 2)
    var settings = SendTime.Settings()
    settings.strengths = [3]
    let model = try SendTime(world.sends, cohorts: world.cohorts, settings: settings)
    func counts(_ people: [Int]) -> (opens: [Double], sends: [Double]) {
      var (opens, sends) = (Array(repeating: 0.0, count: 168), Array(repeating: 0.0, count: 168))
      for send in people.flatMap({ world.sends[$0] }) {
        sends[send.hour] += 1
        opens[send.hour] += send.isOpened ? 1 : 0
      }
      return (opens, sends)
    }
    func kernel(_ a: Int, _ b: Int) -> Double {
      let (days, hours) = (abs(a / 24 - b / 24), abs(a % 24 - b % 24))
      let (day, hour) = (Double(min(days, 7 - days)), Double(min(hours, 24 - hours)))
      return exp(-hour * hour / (2 * 1.5 * 1.5)) * pow(0.6, day)
    }
    func curve(_ people: [Int], above: [Double], strength: Double) -> [Double] {
      let (opens, sends) = counts(people)
      let expected = zip(sends, above).map { $0 * $1 }
      let level = (4 + opens.reduce(0, +)) / (4 + expected.reduce(0, +))
      return (0..<168).map { hour in
        let near = (0..<168).reduce(0) { $0 + kernel(hour, $1) * opens[$1] }
        let due = (0..<168).reduce(0) { $0 + kernel(hour, $1) * level * expected[$1] }
        return min(1, above[hour] * level * (strength + near) / (strength + due))
      }
    }
    let all = counts(Array(0..<30))
    let share = all.opens.reduce(0, +) / all.sends.reduce(0, +)
    let everybody = (0..<168).map { hour in
      (share + (0..<168).reduce(0) { $0 + kernel(hour, $1) * all.opens[$1] })
        / (1 + (0..<168).reduce(0) { $0 + kernel(hour, $1) * all.sends[$1] })
    }
    #expect(zip(model.everybody, everybody).allSatisfy { isClose($0, $1, relative: 1e-9) })
    let cohort = curve((0..<30).filter { $0 % 2 == 1 }, above: everybody, strength: 20)
    #expect(zip(model.cohortCurve(1), cohort).allSatisfy { isClose($0, $1, relative: 1e-9) })
    let person = curve([7], above: cohort, strength: 3)
    #expect(zip(model.curve(7), person).allSatisfy { isClose($0.rate, $1, relative: 1e-9) })
  }

  @Test func `people who do not differ are not told apart, and people who do are`() throws {
    var generator = SeededGenerator(seed: 6)
    // Everybody opens at the same hours: the strongest shrinkage is chosen.
    let alike = (0..<150).map { _ in
      (0..<40).map { _ -> SendTime.Send in
        let hour = Int(168 * generator.nextUnit())
        return SendTime.Send(hour: hour, isOpened: generator.nextUnit() < (hour % 24 == 9 ? 0.6 : 0.2))
      }
    }
    let same = try SendTime(alike, cohorts: Array(repeating: 0, count: 150))
    #expect(same.strength >= 16)
    let world = World(people: 150, sendsEach: 120, seed: 7)
    let different = try SendTime(world.sends, cohorts: Array(repeating: 0, count: 150))
    #expect(different.strength <= 8)
  }

  @Test func `a person without sends has its cohort's curve and says so, one with many its own and narrower`() throws {
    var world = World(people: 60, sendsEach: 200, seed: 3).sends
    world.append([])
    let model = try SendTime(world, cohorts: (0..<61).map { $0 % 2 })
    let stranger = model.curve(60)
    #expect(zip(stranger, model.cohortCurve(0)).allSatisfy { isClose($0.rate, $1, relative: 1e-12) })
    #expect(stranger.allSatisfy { $0.ownShare == 0 && $0.isMostlyCohort && $0.interval.contains($0.rate) })
    let known = try #require(model.best(0))
    #expect(known.ownShare > 0.2)
    #expect(
      known.interval.upperBound / known.rate < (stranger[known.hour].interval.upperBound / stranger[known.hour].rate))
    #expect(try #require(model.best(0, among: [3, 4])).hour <= 4)
    #expect(model.best(0, among: []) == nil)
  }

  @Test func `acts alone give a curve as well`() throws {
    var generator = SeededGenerator(seed: 9)
    let activity = (0..<40).map { person in
      var hours = Array(repeating: 0, count: 168)
      for _ in 0..<50 {
        let isFavourite = generator.nextUnit() < 0.7
        let hour = isFavourite ? (person % 2 == 0 ? 7 : 21) : Int(24 * generator.nextUnit())
        hours[24 * Int(7 * generator.nextUnit()) + hour] += 1
      }
      return hours
    }
    let model = try SendTime(activity: activity, cohorts: Array(repeating: 0, count: 40))
    for person in 0..<40 {
      #expect(abs((model.best(person)?.hour ?? 0) % 24 - (person % 2 == 0 ? 7 : 21)) <= 1, "person \(person)")
    }
  }

  @Test func `the week is a circle of days and the day one of hours`() {
    let kernel = WeekKernel(hourWidth: 2, dayShare: 0.5)
    #expect(kernel[5, 5] == 1)
    #expect(kernel[23, 0] == kernel[1, 2] && kernel[0, 167] == kernel[167, 0])
    // Sunday 23 o'clock and Monday 0: an hour apart on the day's circle, a day on the week's.
    #expect(isClose(kernel[167, 0], 0.5 * kernel[10, 11], relative: 1e-12))
    #expect(isClose(kernel[10, 34], 0.5, relative: 1e-12))
  }

  @Test func `what says nothing is refused`() {
    func refusal(_ sends: [[SendTime.Send]], _ cohorts: [Int]) -> SendTime.Refusal? {
      do {
        _ = try SendTime(sends, cohorts: cohorts)
        return nil
      } catch { return error }
    }
    #expect(refusal([], []) == .nothing)
    #expect(refusal([[], []], [0, 0]) == .nothing)
    #expect(refusal([[SendTime.Send(hour: 3, isOpened: false)]], [0]) == .nobodyOpens)
    #expect(refusal([[SendTime.Send(hour: 3, isOpened: true)]], []) == .cohorts(found: 0, expected: 1))
    #expect(refusal([[SendTime.Send(hour: 3, isOpened: true)]], [0]) == nil)
  }
}
