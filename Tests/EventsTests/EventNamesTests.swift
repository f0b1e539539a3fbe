import Documents
import Events
import Testing

@Suite struct EventNamesTests {
  private func names(_ yaml: String) throws -> EventNames {
    try EventNames(document: try DocumentNode.yaml(yaml, file: "events.yaml"))
  }

  @Test(arguments: ["Song Played", "song played", "SONG_PLAYED", "song-played", " song  played ", "Song.Played"])
  func `neither case nor what stands between words counts`(spelling: String) throws {
    #expect(try names("Song Played: view")[spelling]?.signal == .view)
  }

  @Test(arguments: ["SongPlayed", "Song Player", "Song", "Song Played Twice", "", "Söng Played"])
  func `other names are other names`(name: String) throws {
    #expect(try names("Song Played: view")[name] == nil)
  }

  @Test func `a workspace's own names go before the standard ones`() throws {
    let names = try names(
      """
      Product Viewed: click
      Product Shared: none
      Article Read: {signal: dwell, item: article_id, value: seconds}
      """)
    #expect(names["product viewed"] == EventMeaning(.click))
    #expect(names["Product Shared"] == EventMeaning(nil))
    #expect(names["Viewed Product"] == EventMeaning(.view))
    #expect(names["Order Completed"] == EventMeaning(.purchase))
    #expect(try EventNames(document: nil)["Product Viewed"] == EventMeaning(.view))
  }

  @Test func `a name may say where its item and value stand`() throws {
    let names = try names(
      """
      Article Read: {signal: dwell, item: article_id, value: seconds}
      Plan Bought: {signal: purchase, item: plan, value: amount}
      """)
    let read = try track(
      "article read", properties: #"{"article_id": 9, "seconds": 40, "product_id": "x", "value": 1}"#, names: names)
    #expect(read.signals == [Signal(kind: .dwell, itemID: "9", value: 40)])
    let bought = try track("Plan Bought", properties: #"{"plan": "pro", "amount": "49", "price": 1}"#, names: names)
    #expect(bought.signals == [Signal(kind: .purchase, itemID: "pro", value: 49)])
    #expect(try track("Plan Bought", properties: #"{"product_id": "x"}"#, names: names).itemID == nil)
  }

  @Test(arguments: [
    ("Song Played: veiw", "events.yaml:1:14: found 'veiw'", "did you mean 'view'?"),
    (
      "A: view\nB: {signal: view, itme: song}", "events.yaml:2:19: 'itme' is not a key of the meaning of an event",
      "'item'"
    ),
    ("A: view\nB: {item: song}", "events.yaml:2:4: the meaning of an event needs 'signal'", ""),
    ("Song Played: view\nsong_played: click", "events.yaml:2:1: 'song_played' is the same name as in line 1", ""),
    ("Song Played: 3", "events.yaml:1:14: found the number 3, expected a signal (view, click,", "'none'"),
    ("'  ': view", "events.yaml:1:1: found an empty name", ""),
    ("- view", "events.yaml:1:1:", "a list"),
  ])
  func `a mistake is shown with its line and column`(yaml: String, beginning: String, mention: String) throws {
    let error = try #require(throws: DocumentError.self) { try names(yaml) }
    #expect(error.description.hasPrefix(beginning), "\(error)")
    #expect(error.description.contains(mention) || mention.isEmpty, "\(error)")
  }
}
