import Documents
import Foundation
import Learning
import Models
import Primitives
import Testing

@Suite struct ExperimentTests {
  static func text(_ count: Int, harm: Bool = true) -> String {
    var generator = SeededGenerator(seed: 8)
    var text = "id,segment,arm,age,plan,visit,spend\n"
    for row in 0..<count {
      let age = 20 + Int(40 * generator.nextUnit())
      let plan = ["1) small", "2) middle", "3) large"][Int(3 * generator.nextUnit())]
      let arm = ["mail", "none", "call"][Int(3 * generator.nextUnit())]
      let helped = age > 40 ? 0.35 : harm ? -0.25 : 0
      let visits = generator.nextUnit() < 0.4 + (arm == "mail" ? helped : 0)
      let written = row % 11 == 0 ? "" : String(age)
      text +=
        "x\(row),\(row % 2 == 0 ? "north" : "Süd ✓"),\(arm),\(written),\(plan),\(visits ? "yes" : "no"),\(visits ? 9 + age : 0)\n"
    }
    return text
  }

  static func table(_ text: String, treated: String? = "mail", control: String? = "none", _ files: TextFiles) throws
    -> ExperimentTable
  {
    try ExperimentFile(
      path: files.write("e.csv", text), treatment: "arm", treated: treated, control: control, outcome: "visit"
    ).load()
  }

  @Test func `third arms, ids and results are left out and told; words and gaps become columns`() throws {
    let files = try TextFiles()
    let table = try Self.table(Self.text(900), files)
    #expect(table.columns.map(\.name) == ["segment", "age", "plan"])
    #expect(table.notes.contains { $0.contains("'call' are in neither arm") })
    #expect(table.notes.contains { $0.contains("'id' has another text in nearly every row") })
    #expect(table.notes.contains { $0.contains("'spend' is 0.0 for everybody without the outcome") })
    let encoder = FeatureEncoder(table, rows: Array(0..<table.count))
    #expect(encoder.names == ["segment=Süd ✓", "segment=north", "age", "age missing", "plan"])
    // A word that the training did not have is in no column.
    let north = (0..<table.count).filter { encoder.encode(table, rows: [$0])[0, 1] == 1 }
    let narrow = FeatureEncoder(table, rows: north)
    #expect(narrow.names.contains("segment=north") && !narrow.names.contains("segment=Süd ✓"))
  }

  @Test func `an evaluation finds the effect, whom it harms, and a policy that beats treating all`() throws {
    let files = try TextFiles()
    let table = try Self.table(Self.text(3_000), files)
    var settings = UpliftEvaluation.Settings()
    settings.groups = 5
    settings.bootstrapDraws = 100
    let learners = ["s", "t-logit"].compactMap { UpliftLearners.named($0, isBinary: true) }
    let found = try UpliftEvaluation(table, learners: learners, settings: settings)
    let qini = try #require(found.figures.qini)
    #expect(qini > 0.1)
    #expect(try #require(found.qiniInterval).contains(qini))
    #expect(found.harmedGroups >= 1 && found.harmedGroups <= 3)
    #expect(found.policy.lead.low > 0)
    #expect(found.policy.gain.value > found.policy.gainOfAll.value)
    #expect(found.selection?.trials.map(\.name) == ["s", "t-logit"])
    #expect(found.warnings.isEmpty)
    let again = try UpliftEvaluation(table, learners: learners, settings: settings)
    #expect(again.scores == found.scores && again.qiniInterval == found.qiniInterval)
    let harmless = try UpliftEvaluation(
      Self.table(Self.text(3_000, harm: false), files), learners: learners, settings: settings)
    #expect(harmless.harmedGroups == 0)
  }

  /// A learner whose predictions are no numbers.
  private struct Broken: UpliftLearner, UpliftModel {
    let name = "broken"

    func fit(_ data: UpliftData, seed: UInt64) throws(UpliftRefusal) -> any UpliftModel { self }
    func uplift(_ table: FeatureTable) -> [Double] { Array(repeating: .nan, count: table.rowCount) }
  }

  @Test func `a learner that predicts what is no number is not chosen`() throws {
    let files = try TextFiles()
    let table = try Self.table(Self.text(900), files)
    var settings = UpliftEvaluation.Settings()
    settings.bootstrapDraws = 2
    let learner = try #require(UpliftLearners.named("s", isBinary: true))
    let found = try UpliftEvaluation(table, learners: [Broken(), learner], settings: settings)
    #expect(found.selection?.chosen.name == "s")
    #expect(found.selection?.trials.first?.qini == nil)
  }

  @Test func `arms that were not drawn are noticed, and without overlap refused`() throws {
    let files = try TextFiles()
    func table(_ treated: (Int) -> Bool) throws -> ExperimentTable {
      var generator = SeededGenerator(seed: 2)
      var text = "arm,age,visit\n"
      for _ in 0..<800 {
        let age = Int(100 * generator.nextUnit())
        text += "\(treated(age) ? 1 : 0),\(age),\(generator.nextUnit() < 0.3 ? 1 : 0)\n"
      }
      return try Self.table(text, treated: nil, control: nil, files)
    }
    let learner = try #require(UpliftLearners.named("dr", isBinary: true))
    var settings = UpliftEvaluation.Settings()
    settings.bootstrapDraws = 2
    let skewed = try table { $0 > 50 ? $0 % 4 != 0 : $0 % 4 == 0 }
    #expect(
      try UpliftEvaluation(skewed, learners: [learner], settings: settings).warnings.first?.contains("age") == true)
    settings.propensity = .estimated
    _ = try UpliftEvaluation(skewed, learners: [learner], settings: settings)
    #expect(throws: UpliftRefusal.self) {
      try UpliftEvaluation(table { $0 > 50 }, learners: [learner], settings: settings)
    }
  }

  @Test(arguments: [
    ("arm,age,visit\n", "found no rows"), ("arm,age,visit\n1,3,1\n1,4,0\n", "expected a treated and a control arm"),
    ("arm,age,visit\n1,3,perhaps\n", "found 'perhaps' as the outcome"), ("arm,age\n1,3\n", "found no column 'visit'"),
    ("arm,age,visit\n1,3,1,7\n", "found 4 fields"), ("", "the file is empty"),
  ])
  func `a file that cannot be used is told with its place`(text: String, reason: String) throws {
    let files = try TextFiles()
    do {
      _ = try Self.table(text, treated: nil, control: nil, files)
      Issue.record("taken: \(text)")
    } catch let error as DocumentError {
      #expect(error.message.contains(reason), "\(error)")
    }
  }
}
