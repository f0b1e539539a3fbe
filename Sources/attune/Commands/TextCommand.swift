import ArgumentParser
import Foundation
import Models
import Primitives

struct TextCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text",
    abstract: "Reads the mood or the intent of short texts, on this machine alone.",
    discussion: """
      Without a model of your own, English texts are told to be negative, neutral or positive.

      EXAMPLE
        attune text classify "the parcel never arrived"
        attune text train --data tickets.csv --text message --label intent --out intents.model
        attune text classify --model intents.model --data new.csv --text message
      """,
    subcommands: [Train.self, Classify.self])

  struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Learns labels from texts that people have labelled.",
      discussion: """
        The figures are those of texts that were left out, each once; of the whole a model is then made.

        EXAMPLE
          attune text train --data tickets.csv --text message --label intent --out intents.model
        """)

    @Option(help: ArgumentHelp("Labelled texts: .csv or .tsv with a header, or .jsonl.", valueName: "file"))
    var data: String

    @Option(help: "The column of the text.")
    var text = "text"

    @Option(help: "The column of the label.")
    var label = "label"

    @Option(help: ArgumentHelp("Write the model here. Without it only the figures are told.", valueName: "file"))
    var out: String?

    @Option(help: "Keep so many features, those that say most. Default: all.")
    var features: Int?

    @Option(help: "Parts that the texts are cut into, each left out once.")
    var folds = 5

    @Option(help: "Of what is drawn by chance.")
    var seed = 0

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
      if text == label { throw ValidationError("--text and --label name the same column, '\(label)'.") }
      guard (2...20).contains(folds) else { throw ValidationError("--folds takes 2 to 20.") }
      guard features ?? 1 > 0 else { throw ValidationError("--features takes a number above 0.") }
      guard seed >= 0 else { throw ValidationError("--seed takes a number of at least 0.") }
    }

    func run() async throws {
      let terminal = Terminal()
      let file = try LabelledFile(path: data, text: text, label: label)
      file.report(data, terminal)
      var training = TextTraining()
      (training.folds, training.featuresMax, training.seed) = (folds, features, UInt64(seed))
      terminal.progress("training on \(file.texts.count.grouped) texts")
      let outcome: TextTraining.Outcome
      do throws(TextRefusal) { outcome = try training.train(file.texts) } catch {
        terminal.endProgress()
        throw CommandFailure("\(data): \(error)")
      }
      terminal.endProgress()
      if let out { try TextFile.write(outcome.classifier, to: out) }
      let (labels, validation) = (outcome.classifier.labels, outcome.validation)
      if json {
        var writer = JSONWriter()
        writer.object { writer in
          writer.member("texts", validation.texts)
          writer.member("labels", array: { list in for label in labels { list.string(label) } })
          for (name, estimate) in [("accuracy", validation.accuracy), ("macro_f1", validation.macroF1)] {
            writer.member(
              name,
              object: {
                $0.member("value", estimate.value)
                $0.member("low", estimate.low)
                $0.member("high", estimate.high)
              })
          }
          writer.member("calibration_error", validation.calibrationError)
          writer.member("model", out)
        }
        return terminal.write(writer.bytes + [0x0A])
      }
      terminal.line("\(validation.texts.grouped) texts, \(labels.count) labels; each text left out once:")
      for (name, estimate) in [("accuracy", validation.accuracy), ("macro F1", validation.macroF1)] {
        terminal.line(
          "  \(name) \(estimate.value.fixed(3)) (95 %: \(estimate.low.fixed(3)) to \(estimate.high.fixed(3)))")
      }
      terminal.line("  calibration error \(validation.calibrationError.fixed(3))")
      if let out { terminal.line("the model stands in \(out)") }
    }
  }

  struct Classify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says what a text is, with probabilities and the words that count.",
      discussion: """
        With --data every row of a file is answered with a line of JSON. Where there is too little to tell, the label is
        missing and the reason stands in its place.

        EXAMPLE
          attune text classify "I love it"
          attune text classify --data reviews.csv --text review
        """)

    @Argument(help: "The text.")
    var words: String?

    @Option(
      help: ArgumentHelp("A model that 'attune text train' wrote. Default: English sentiment.", valueName: "file"))
    var model: String?

    @Option(help: ArgumentHelp("Texts: .csv or .tsv with a header, or .jsonl.", valueName: "file"))
    var data: String?

    @Option(help: "The column of the text, with --data.")
    var text = "text"

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
      guard (words == nil) != (data == nil) else { throw ValidationError("Give either a text or --data.") }
    }

    func run() async throws {
      let terminal = Terminal()
      let classifier = try model.map { try TextFile.classifier(at: $0) } ?? DefaultSentiment.classifier
      if let data {
        let file = try LabelledFile(path: data, text: text, label: nil)
        file.report(data, terminal)
        for row in file.texts { terminal.line(Self.json(classifier.answer(to: row.text), classifier, row.text)) }
        return
      }
      let asked = words ?? ""
      guard asked.utf8.count <= TextClassifier.textBytesMax else {
        throw CommandFailure(
          "found a text of \(asked.utf8.count.grouped) bytes, expected at most "
            + "\(TextClassifier.textBytesMax.grouped): classify its parts")
      }
      let answer = classifier.answer(to: asked)
      if json { return terminal.line(Self.json(answer, classifier, asked)) }
      terminal.line(answer.label ?? "not sure: \(answer.doubt ?? "")")
      for (label, probability) in zip(classifier.labels, answer.probabilities).sorted(by: { $0.1 > $1.1 }).prefix(5) {
        terminal.line("  \(Double(probability).fixed(2)) \(label)")
      }
      let reasons = answer.reasons.map { "\($0.text) \($0.weight < 0 ? "−" : "+")\(Double(abs($0.weight)).fixed(2))" }
      if !reasons.isEmpty { terminal.line("what counts: " + reasons.joined(separator: ", ")) }
    }

    private static func json(_ answer: TextClassifier.Answer, _ classifier: TextClassifier, _ text: String) -> String {
      var writer = JSONWriter()
      writer.object { writer in
        writer.member("text", String(text.prefix(1_000)))
        writer.member("label", answer.label)
        writer.member("doubt", answer.doubt)
        writer.member(
          "probabilities",
          object: { object in
            for (label, probability) in zip(classifier.labels, answer.probabilities) {
              object.member(label, probability)
            }
          })
        writer.member(
          "reasons",
          array: { list in
            for reason in answer.reasons {
              list.object {
                $0.member("text", reason.text)
                $0.member("weight", reason.weight)
              }
            }
          })
      }
      return String(decoding: writer.bytes, as: UTF8.self)
    }
  }
}

/// Files of text classifiers.
enum TextFile {
  static func classifier(at path: String) throws -> TextClassifier {
    let bytes: [UInt8]
    do { bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path))) } catch {
      throw CommandFailure("\(path) cannot be read: \(error.localizedDescription)")
    }
    do throws(SnapshotRefusal) { return try TextClassifier(snapshot: bytes) } catch {
      throw CommandFailure("\(path): \(error)")
    }
  }

  static func write(_ classifier: TextClassifier, to path: String) throws {
    try OutputFile.write(classifier.snapshot.bytes, to: path)
  }
}
