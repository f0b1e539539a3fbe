import Foundation
import Primitives

/// An e-mail experiment whose truth is known, with the columns of Hillstrom's (MineThatData, 2008): 64,000 people, a third gets no
/// mail, a third men's, a third women's. Effects are weak: a visit rate of .106 without, about .15 with the women's mail, more for people who
/// bought women's things, came lately, or through the web.
///
///     experiment [--seed 1] [--rows 64000] [--truth] > experiment.csv     # --truth adds the true uplift of the women's mail
func option(_ name: String) -> UInt64? {
  let arguments = CommandLine.arguments
  guard let place = arguments.firstIndex(of: name), arguments.indices.contains(place + 1) else { return nil }
  return UInt64(arguments[place + 1])
}
let seed = option("--seed") ?? 1
let rows = Int(option("--rows") ?? 64_000)
let showsTruth = CommandLine.arguments.contains("--truth")
var generator = SeededGenerator(seed: seed)

func pick(_ choices: [(String, Double)], using generator: inout SeededGenerator) -> String {
  var rest = generator.nextUnit()
  for (name, share) in choices {
    rest -= share
    if rest < 0 { return name }
  }
  return choices[choices.count - 1].0
}

func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

let segments: [(Double, String)] = [
  (100, "1) $0 - $100"), (200, "2) $100 - $200"), (350, "3) $200 - $350"), (500, "4) $350 - $500"),
  (750, "5) $500 - $750"), (1_000, "6) $750 - $1,000"), (.infinity, "7) $1,000 +"),
]
var text =
  "recency,history_segment,history,mens,womens,zip_code,newbie,channel,segment,visit,conversion,spend"
  + (showsTruth ? ",true_uplift\n" : "\n")
for _ in 0..<rows {
  let recency = 1 + Int(12 * pow(generator.nextUnit(), 1.15))
  let normal = (0..<12).reduce(-6.0) { sum, _ in sum + generator.nextUnit() }
  let history = max(29.99, exp(5.1 + normal))
  let mens = generator.nextUnit() < 0.55
  let womens = !mens || generator.nextUnit() < 0.18
  let zip = pick([("Surburban", 0.449), ("Urban", 0.402), ("Rural", 0.149)], using: &generator)
  let newbie = generator.nextUnit() < 0.5
  let channel = pick([("Web", 0.441), ("Phone", 0.438), ("Multichannel", 0.121)], using: &generator)
  let arm = pick([("No E-Mail", 1 / 3.0), ("Mens E-Mail", 1 / 3.0), ("Womens E-Mail", 1 / 3.0)], using: &generator)
  let base =
    -1.95 - 0.07 * Double(recency - 6) + 0.18 * (log(history) - 5.1) - 0.55 * (newbie ? 1 : 0)
    + (zip == "Rural" ? 0.35 : 0) + (channel == "Phone" ? -0.12 : channel == "Web" ? 0.05 : 0.1)
    - 0.1 * (womens ? 1 : 0)
  let womensEffect =
    0.06 + 0.62 * (womens ? 1 : 0) - 0.012 * Double(recency - 6) + (channel == "Web" ? 0.08 : 0)
    - (womens && mens ? 0.15 : 0)
  let mensEffect = 0.45 + 0.25 * (mens ? 1 : 0)
  let effect = arm == "Womens E-Mail" ? womensEffect : arm == "Mens E-Mail" ? mensEffect : 0
  let visits = generator.nextUnit() < logistic(base + effect)
  let buys = visits && generator.nextUnit() < 0.06
  let spend = buys ? 20 + 200 * generator.nextUnit() : 0
  let segment = segments.first { history <= $0.0 }?.1 ?? ""
  text +=
    "\(recency),\"\(segment)\",\(String(format: "%.2f", history)),\(mens ? 1 : 0),\(womens ? 1 : 0),\(zip),"
    + "\(newbie ? 1 : 0),\(channel),\(arm),\(visits ? 1 : 0),\(buys ? 1 : 0),\(String(format: "%.2f", spend))"
  if showsTruth { text += String(format: ",%.6f", logistic(base + womensEffect) - logistic(base)) }
  text += "\n"
}
FileHandle.standardError.write(Data("seed \(seed), \(rows) people\n".utf8))
FileHandle.standardOutput.write(Data(text.utf8))
