import Models
import Testing

/// What holds of the file of every trained model but iALS, whose own stands in `ModelSnapshotTests`.
@Suite struct SnapshotCodableTests {
  static func law<Model: SnapshotCodable & HistoryScorer & Equatable>(_ model: Model) throws {
    let snapshot = model.snapshot
    let restored = try Model(snapshot: snapshot.bytes)
    #expect(restored == model)
    #expect(restored.scores(after: [1, 2]) == model.scores(after: [1, 2]))
    #expect(restored.snapshot == snapshot)
    let content = snapshot.content
    for odd in [
      [], Array(content.dropLast(4)), content + [0], Array(repeating: 0xFF, count: 400), Array(content.prefix(9)),
      Array(content.prefix(content.count / 2)),
    ] {
      let bytes = ModelSnapshot(kind: Model.name, contentVersion: Model.snapshotVersion, content: odd).bytes
      #expect(throws: SnapshotRefusal.self, "\(Model.name), \(odd.count) bytes") { _ = try Model(snapshot: bytes) }
    }
    // Any byte may be other than it was: the content is then refused, or read as what it says.
    for place in stride(from: 0, to: content.count, by: 7) {
      var other = content
      other[place] ^= 0x81
      _ = try? Model(
        snapshot: ModelSnapshot(kind: Model.name, contentVersion: Model.snapshotVersion, content: other).bytes)
    }
    let later = ModelSnapshot(kind: Model.name, contentVersion: Model.snapshotVersion + 1, content: content)
    #expect(throws: SnapshotRefusal.newer(found: Model.snapshotVersion + 1, known: Model.snapshotVersion)) {
      _ = try Model(snapshot: later.bytes)
    }
  }

  @Test func `a snapshot gives the same model back, and what is none is refused`() throws {
    let training = ItemModelTests.training
    try Self.law(try EASE(training: training))
    var cut = EASE.Settings()
    cut.strongest = 3
    try Self.law(try EASE(training: training, settings: cut))
    try Self.law(try ItemNeighbours(training: training))
    try Self.law(try TransitionKernel(training: SequenceKernelTests.sessions, itemCount: 12))
    for settings in SequenceKernelTests.variants {
      try Self.law(try SessionNeighbours(training: SequenceKernelTests.sessions, itemCount: 12, settings: settings))
    }
  }
}
