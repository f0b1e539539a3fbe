import Events
import Primitives
import Testing

@Suite struct StoredEventTests {
  private func stored(_ text: String, _ receipt: EventReceipt) throws -> (event: Event, stored: StoredEvent) {
    let view = try JSONDocument(parsing: Array(text.utf8)).root
    let event = try EventParser().parse(view, receipt: receipt)
    return (event, StoredEvent(event, from: view, receipt: receipt))
  }

  private func reread(_ stored: StoredEvent, names: EventNames = .standard) throws -> Event {
    var reader = BinaryReader(stored.payload)
    let again = try StoredEvent(from: &reader)
    #expect(reader.isAtEnd)
    return try again.event(names: names)
  }

  @Test func `what is stored is read again as the very same event, whatever the event`() throws {
    let seed: UInt64 = 20_260_301
    var generator = SeededGenerator(seed: seed)
    let parser = EventParser()
    var kept = 0
    for number in 0..<2_000 {
      let batch = RandomEvents.batch(&generator)
      let body = try JSONDocument(parsing: Array(batch.text.utf8)).root
      var receipt = EventReceipt(
        batch: body, receivedAt: noon, isImport: number.isMultiple(of: 5), isTrusted: number.isMultiple(of: 10))
      receipt.shape = batch.shape
      receipt.madeMessageID = SortableID(high: UInt64(number), low: generator.next())
      for view in try #require(body["batch"]).elements {
        guard let event = try? parser.parse(view, receipt: receipt) else { continue }
        kept += 1
        let again = try reread(StoredEvent(event, from: view, receipt: receipt))
        #expect(again.whole == event.whole, "seed \(seed), batch \(number): \(batch.text)")
      }
    }
    #expect(kept > 1_000)
  }

  @Test func `a batch's defaults are stored with each of its events`() throws {
    let body = try JSONDocument(
      parsing: Array(
        #"""
        {"context": {"region": "DE"}, "integrations": {"All": true}, "sentAt": 1772366400,
         "batch": [{"type": "track", "event": "Product Viewed", "userId": "u", "properties": {"product_id": "mug"}}]}
        """#.utf8)
    ).root
    var receipt = EventReceipt(batch: body, receivedAt: noon)
    receipt.madeMessageID = SortableID(high: 3, low: 4)
    let view = try #require(body["batch"]?.elements.first { _ in true })
    let event = try EventParser().parse(view, receipt: receipt)
    #expect(event.context.region == "DE")
    let stored = StoredEvent(event, from: view, receipt: receipt)
    #expect(!String(decoding: stored.json, as: UTF8.self).contains("region"))
    #expect(try reread(stored).whole == event.whole)
    var reader = BinaryReader(stored.payload)
    #expect(try StoredEvent(from: &reader).receipt.batchIntegrations?.value == ["All": true])
  }

  @Test func `an id that was made is stored, and one that was not needed is not`() throws {
    let receipt = EventReceipt(receivedAt: noon, shape: .flat, madeMessageID: SortableID(high: 5, low: 6))
    let without = try stored(#"{"user_id": "u", "event_type": "e"}"#, receipt)
    #expect(without.stored.receipt.madeMessageID == SortableID(high: 5, low: 6))
    #expect(try reread(without.stored).messageID == without.event.messageID)
    let with = try stored(#"{"user_id": "u", "event_type": "e", "message_id": "m"}"#, receipt)
    #expect(with.stored.receipt.madeMessageID == nil)
    #expect(try reread(with.stored).messageID == "m")
  }

  @Test func `other names give the stored event another meaning`() throws {
    let receipt = EventReceipt(receivedAt: noon, shape: .flat)
    let pair = try stored(#"{"user_id": "u", "event_type": "Song Played", "message_id": "m", "item_id": "s"}"#, receipt)
    #expect(pair.event.signals == [])
    var names = EventNames.standard
    names["song played"] = EventMeaning(.view)
    #expect(try reread(pair.stored, names: names).signals == [Signal(kind: .view, itemID: "s")])
  }

  @Test func `bytes that are no stored event are an error, however they are cut`() throws {
    let receipt = EventReceipt(receivedAt: noon, shape: .flat, sentAt: noon, madeMessageID: SortableID(high: 5, low: 6))
    let payload = try stored(#"{"user_id": "u", "event_type": "e"}"#, receipt).stored.payload
    for count in 0..<payload.count {
      var reader = BinaryReader(Array(payload.prefix(count)))
      #expect(throws: BinaryError.self) { try StoredEvent(from: &reader) }
    }
    var unknownFormat = BinaryReader([9] + payload.dropFirst())
    #expect(throws: BinaryError.self) { try StoredEvent(from: &unknownFormat) }
    var unknownShape = BinaryReader([1, 99] + payload.dropFirst(2))
    #expect(throws: BinaryError.self) { try StoredEvent(from: &unknownShape) }
  }
}

@Suite struct DeadLetterTests {
  @Test func `a dead letter keeps what was sent and why it was refused`() throws {
    let rejection = EventRejection(.wrongType, "found 5, expected a string", field: "event")
    let letter = DeadLetter(
      rejection, raw: Array(#"{"event": 5}"#.utf8), receipt: EventReceipt(receivedAt: noon, shape: .track))
    var writer = BinaryWriter()
    letter.encode(into: &writer)
    var reader = BinaryReader(writer.bytes)
    #expect(try DeadLetter(from: &reader) == letter)
    var json = JSONWriter()
    letter.write(to: &json)
    #expect(
      String(decoding: json.bytes, as: UTF8.self)
        == #"{"received_at":"2026-03-01T12:00:00.000Z","code":"wrong_type","message":"found 5, expected a string","#
        + #""field":"event","raw":"{\"event\": 5}","sent_bytes":12}"#)
  }

  @Test func `a dead letter is bounded, and need not be text`() throws {
    let raw = [UInt8](repeating: 0xFF, count: 100_000)
    let letter = DeadLetter(code: "syntax", message: "m", raw: raw, receivedAt: noon)
    #expect(letter.raw.count == DeadLetter.rawBytesMax)
    #expect(letter.sentBytes == 100_000)
    var writer = BinaryWriter()
    letter.encode(into: &writer)
    var reader = BinaryReader(writer.bytes)
    #expect(try DeadLetter(from: &reader) == letter)
    var json = JSONWriter()
    letter.write(to: &json)
    #expect(throws: Never.self) { try JSONDocument(parsing: json.bytes) }
  }
}
