import Engine

/// Writes metrics in the text format of Prometheus: each family with its help and type, then its samples.
/// - SeeAlso: *Prometheus exposition formats*, text format 0.0.4.
struct MetricText {
  private(set) var bytes: [UInt8] = []

  enum Kind: String { case counter, gauge, histogram }

  /// A label and its value, in order.
  typealias Labels = [(name: String, value: String)]

  struct Sample {
    let labels: Labels
    let value: Double
  }

  /// A family of plain values; left out when it has none.
  mutating func family(_ name: String, _ kind: Kind, help: String, _ samples: [Sample]) {
    guard !samples.isEmpty else { return }
    head(name, kind, help)
    for sample in samples { line(name, sample.labels, sample.value) }
  }

  /// A family of histograms of seconds; left out when it has none.
  mutating func histograms(_ name: String, help: String, _ histograms: [(labels: Labels, values: Histogram)]) {
    guard !histograms.isEmpty else { return }
    head(name, .histogram, help)
    for (labels, values) in histograms {
      var below: UInt64 = 0
      for (bound, count) in zip(Histogram.bounds, values.counts) {
        below += count
        line(name + "_bucket", labels + [("le", "\(bound)")], Double(below))
      }
      line(name + "_bucket", labels + [("le", "+Inf")], Double(values.count))
      line(name + "_sum", labels, values.sum)
      line(name + "_count", labels, Double(values.count))
    }
  }

  private mutating func head(_ name: String, _ kind: Kind, _ help: String) {
    append("# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n")
  }

  private mutating func line(_ name: String, _ labels: Labels, _ value: Double) {
    append(name)
    if !labels.isEmpty {
      let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
      append("{" + pairs.joined(separator: ",") + "}")
    }
    append(" " + (Int64(exactly: value).map(String.init) ?? "\(value)") + "\n")
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private static func escaped(_ value: String) -> String {
    var text = ""
    for character in value.unicodeScalars {
      switch character {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(character)
      }
    }
    return text
  }
}
