import Primitives
import Testing

@testable import Models

@Suite struct TextClassifierTests {
  /// Messages of three intents, made of parts.
  static func messages(_ count: Int, seed: UInt64 = 1) -> [LabelledText] {
    let parts: [(label: String, openings: [String], objects: [String])] = [
      (
        "refund", ["I want my money back for", "please refund", "give me a refund of"],
        ["the lamp", "my order", "shoes"]
      ),
      ("delivery", ["where is", "when does it arrive,", "track the parcel with"], ["the lamp", "my order", "shoes"]),
      ("praise", ["I really love", "thank you so much for", "so happy with"], ["the lamp", "my order", "shoes"]),
    ]
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { number in
      let part = parts[number % 3]
      let (opening, object) = (Int(generator.next() % 3), Int(generator.next() % 3))
      return LabelledText(text: "\(part.openings[opening]) \(part.objects[object])", label: part.label)
    }
  }

  private static func trained() throws -> TextTraining.Outcome {
    var training = TextTraining()
    training.folds = 3
    return try training.train(messages(90))
  }

  @Test func `labels of texts that were left out are found, and the words that count are told`() throws {
    let outcome = try Self.trained()
    #expect(outcome.classifier.labels == ["delivery", "praise", "refund"])
    #expect(outcome.validation.accuracy.value == 1 && outcome.validation.macroF1.low == 1)
    let answer = outcome.classifier.answer(to: "a refund of the blue lamp, please")
    #expect(answer.label == "refund" && answer.doubt == nil)
    #expect(["refund", "please"].contains(answer.reasons.first?.text), "\(answer.reasons)")
    #expect(abs(answer.probabilities.reduce(0, +) - 1) < 1e-5)
  }

  @Test func `figures are those of a classifier that is cut as the one that is written`() throws {
    var training = TextTraining()
    (training.folds, training.featuresMax) = (3, 1)
    let outcome = try training.train(Self.messages(90))
    #expect(outcome.classifier.rows.count == 1)
    #expect(outcome.validation.accuracy.value < 0.9, "one feature does not tell three labels apart")
  }

  @Test func `parts of a score sum to it`() throws {
    let classifier = try Self.trained().classifier
    let text = "please refund my order"
    let scores = classifier.scores(of: TextFeatures(text))
    let answer = classifier.answer(to: text)
    let best = try #require(classifier.labels.firstIndex(of: "refund"))
    func against(_ values: [Float]) -> Float { values[best] - (values.reduce(0, +) - values[best]) / 2 }
    let sum = answer.reasons.reduce(0) { $0 + $1.weight } + against(classifier.biases) / classifier.temperature
    #expect(abs(sum - against(scores) / classifier.temperature) < 1e-3)
  }

  @Test func `what training has not met is not guessed at`() throws {
    let classifier = try Self.trained().classifier
    for text in ["", "  \n ", "質問があります", "Где?"] {
      let answer = classifier.answer(to: text)
      #expect(answer.label == nil && answer.doubt != nil && answer.reasons.isEmpty, "\(text)")
      #expect(answer.probabilities.allSatisfy { $0.isFinite })
    }
    #expect(classifier.answer(to: "").doubt == "the text is empty")
  }

  @Test func `the same texts and seed give the same classifier, another order of labels the same answers`() throws {
    let (one, other) = (try Self.trained().classifier, try Self.trained().classifier)
    #expect(one == other)
  }

  @Test func `very long texts, and texts of one endless word, are read in bounded time`() throws {
    let classifier = try Self.trained().classifier
    let long = String(repeating: "please refund my order ", count: 45_000)
    #expect(TextFeatures(long).pieces.count == TextFeatures.piecesMax)
    #expect(classifier.answer(to: long).label == "refund")
    #expect(TextFeatures(String(repeating: "x", count: 1 << 20)).features.count < 300)
    #expect(TextFeatures(String(repeating: "👩‍👩‍👧‍👦", count: 500)).features.allSatisfy { $0.value.isFinite })
  }

  @Test func `what teaches nothing is refused with the reason`() {
    func refusal(_ texts: [LabelledText]) -> TextRefusal? {
      do throws(TextRefusal) {
        _ = try TextTraining().train(texts)
        return nil
      } catch { return error }
    }
    #expect(refusal([]) == .noTexts)
    #expect(refusal(Array(repeating: LabelledText(text: "hi", label: "a"), count: 9)) == .oneLabel("a"))
    #expect(refusal((0..<300).map { LabelledText(text: "hi", label: "\($0)") }) == .manyLabels(300))
    #expect(refusal(Self.messages(9) + [LabelledText(text: "hi", label: "a")]) == .fewTexts(label: "a", count: 1))
    var stopped = TextTraining()
    stopped.isOver = { true }
    #expect(throws: TextRefusal.stopped) { try stopped.train(Self.messages(30)) }
  }

  @Test func `a classifier comes back from its bytes, and damaged or later ones are refused`() throws {
    let classifier = try Self.trained().classifier
    let bytes = classifier.snapshot.bytes
    let restored = try TextClassifier(snapshot: bytes)
    #expect(restored.labels == classifier.labels && restored.rows.count == classifier.rows.count)
    for message in Self.messages(9, seed: 3) {
      let (one, other) = (classifier.answer(to: message.text), restored.answer(to: message.text))
      #expect(one.label == other.label)
      for (left, right) in zip(one.probabilities, other.probabilities) { #expect(abs(left - right) < 1e-3) }
    }
    for length in stride(from: 0, to: bytes.count, by: bytes.count / 40) {
      #expect(throws: SnapshotRefusal.self) { try TextClassifier(snapshot: Array(bytes.prefix(length))) }
    }
    var flipped = bytes
    flipped[bytes.count / 2] ^= 1
    #expect(throws: SnapshotRefusal.damaged) { try TextClassifier(snapshot: flipped) }
    let later = ModelSnapshot(kind: "text", contentVersion: 9, content: []).bytes
    #expect(throws: SnapshotRefusal.newer(found: 9, known: 1)) { try TextClassifier(snapshot: later) }
    let other = ModelSnapshot(kind: "ials", contentVersion: 1, content: []).bytes
    #expect(throws: SnapshotRefusal.kind(found: "ials", expected: "text")) { try TextClassifier(snapshot: other) }
    let empty = ModelSnapshot(kind: "text", contentVersion: 1, content: [0]).bytes
    #expect(throws: SnapshotRefusal.self) { try TextClassifier(snapshot: empty) }
  }

  @Test func `keeping the features that say most keeps the answers`() throws {
    var training = TextTraining()
    (training.folds, training.featuresMax) = (3, 60)
    let small = try training.train(Self.messages(90)).classifier
    #expect(small.rows.count == 60)
    #expect(small.answer(to: "please refund the shoes").label == "refund")
  }

  @Test(arguments: [
    ("I love this, it works great", "positive"), ("not good at all, very disappointed", "negative"),
    ("this is terrible :(", "negative"), ("what a wonderful surprise :)", "positive"),
  ])
  func `the classifier that is shipped reads English moods`(text: String, mood: String) {
    let answer = DefaultSentiment.classifier.answer(to: text)
    #expect(answer.label == mood, "\(answer)")
  }

  /// Of scikit-learn's `accuracy_score` and `f1_score(average="macro")` for the same guesses.
  @Test func `accuracy and macro F1 are those of scikit-learn`() {
    let (truth, guesses) = ([0, 1, 2, 2, 1, 0, 0, 2], [0, 2, 2, 2, 1, 0, 1, 1])
    let rows = guesses.map { guess in (0..<3).map { Float($0 == guess ? 0.8 : 0.1) } }
    let found = TextValidation(labels: ["a", "b", "c"], truth: truth, probabilities: rows, replicates: 50)
    #expect(found.accuracy.value == 0.625)
    #expect(abs(found.macroF1.value - 0.6222222222222222) < 1e-12)
    #expect(found.accuracy.low <= 0.625 && found.accuracy.high >= 0.625)
    #expect(abs(found.calibrationError - 0.175) < 1e-6)
  }
}
