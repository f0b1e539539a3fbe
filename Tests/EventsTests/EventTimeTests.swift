import Events
import Primitives
import Testing

@Suite struct EventTimeTests {
  @Test(arguments: [
    (#""2026-03-01T11:30:00.250Z""#, "2026-03-01T11:30:00.250Z"),
    (#""2026-03-01T11:30:00.250123+00:00""#, "2026-03-01T11:30:00.250123Z"),  // as the Python clients write
    (#""2026-03-01T12:30:00+0100""#, "2026-03-01T11:30:00.000Z"),
    (#""2026-03-01 11:30:00""#, "2026-03-01T11:30:00.000Z"),
    (#""2026-03-01""#, "2026-03-01T00:00:00.000Z"),
    (#""20260301""#, "2026-03-01T00:00:00.000Z"),
    ("1772364600", "2026-03-01T11:30:00.000Z"), (#""1772364600""#, "2026-03-01T11:30:00.000Z"),
    ("1772364600250", "2026-03-01T11:30:00.250Z"), (#""1772364600250""#, "2026-03-01T11:30:00.250Z"),
    ("1772364600250123", "2026-03-01T11:30:00.250123Z"), ("1772364600.25", "2026-03-01T11:30:00.250Z"),
    (#""1772364600.25""#, "2026-03-01T11:30:00.250Z"), ("1.7723646e9", "2026-03-01T11:30:00.000Z"),
    ("0", "1970-01-01T00:00:00.000Z"), ("874724710", "1997-09-20T03:05:10.000Z"),  // the first rating of MovieLens
    ("null", "2026-03-01T12:00:00.000Z"),
  ])
  func `a time is read in every form that clients send`(text: String, expected: String) throws {
    let event = try read(#"{"event": "e", "userId": "u", "timestamp": \#(text)}"#, as: .track)
    #expect(event.timestamp.description == expected)
    #expect(
      try read(#"{"event_type": "e", "user_id": "u", "timestamp": \#(text)}"#, as: .flat).timestamp == event.timestamp)
    #expect(event.receivedAt == noon)
    #expect(event.knownAt == noon)
  }

  @Test(arguments: [
    "-1", "-1772364600", #""-5""#, #""1969-12-31T23:59:59Z""#, #""3000-01-01T00:00:00Z""#, "32503680000",
    "32503680000000",
    "1e18", #""2026-03-02T12:00:00.001Z""#, #""2026-02-30""#, #""01.03.2026""#, #""""#, "{}", "[1772364600]",
  ])
  func `a time before 1970 or more than a day ahead is refused, as is what is none`(text: String) throws {
    for isImport in [false, true] {
      let rejection = try #require(throws: EventRejection.self) {
        try read(#"{"event": "e", "userId": "u", "timestamp": \#(text)}"#, as: .track, isImport: isImport)
      }
      #expect(rejection.code == "invalid_timestamp")
      #expect(rejection.field == "timestamp")
    }
  }

  @Test func `a time within the day ahead is kept`() throws {
    let event = try read(#"{"event": "e", "userId": "u", "timestamp": "2026-03-02T12:00:00Z"}"#, as: .track)
    #expect(event.timestamp == noon + .seconds(86_400))
  }

  @Test(arguments: [
    // The sender's clock is an hour ahead; five seconds lay between the event and its sending.
    (#""timestamp": "2026-03-01T12:59:55Z", "sentAt": "2026-03-01T13:00:00Z""#, -5),
    (
      #""originalTimestamp": "2026-03-01T12:59:55Z", "timestamp": "2026-03-01T12:00Z", "sentAt": "2026-03-01T13:00Z""#,
      -5
    ),
    // A clock that begins in 1970 is as good as any.
    (#""timestamp": "1970-01-01T00:00:01Z", "sentAt": "1970-01-01T00:00:11Z""#, -10),
    (#""sentAt": "2026-03-01T13:00:00Z""#, 0),
    (#""timestamp": "2026-03-01T11:00:00Z", "sentAt": "soon""#, -3_600),
    (#""originalTimestamp": "2026-03-01T11:00:00Z""#, -3_600),
    (#""timestamp": "2026-03-01T11:00:00Z", "originalTimestamp": "2026-03-01T10:00:00Z""#, -3_600),
  ])
  func `the difference of the clocks is taken out when it is known`(members: String, seconds: Int) throws {
    let event = try read(#"{"event": "e", "userId": "u", \#(members)}"#, as: .track)
    #expect(event.timestamp == noon + .seconds(seconds))
  }

  @Test func `an item's own sending time goes before the batch's`() throws {
    let text = #"{"event": "e", "userId": "u", "timestamp": "2026-03-01T09:00:00Z"}"#
    let batchSentAt = noon - .seconds(3_600)
    #expect(try read(text, as: .track, sentAt: batchSentAt).timestamp == noon - .seconds(7_200))
    let withOwn = text.replacing("}", with: #", "sentAt": "2026-03-01T09:00:30Z"}"#)
    #expect(try read(withOwn, as: .track, sentAt: batchSentAt).timestamp == noon - .seconds(30))
  }

  @Test(arguments: [
    (#""timestamp": "2020-01-01T00:00:00Z", "sentAt": "2026-03-01T13:00:00Z""#, "2020-01-01", "2020-01-01"),
    (#""timestamp": "2020-01-01T00:00:00Z", "receivedAt": "2020-01-02T00:00:00Z""#, "2020-01-01", "2020-01-02"),
    (#""receivedAt": "2020-01-02T00:00:00Z""#, "2020-01-02", "2020-01-02"),
    (
      #""timestamp": "2020-01-01T00:00:00Z", "receivedAt": "2027-01-01T00:00:00Z""#, "2020-01-01",
      "2026-03-01T12:00:00Z"
    ),
    ("\"event\": \"e\"", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"),
  ])
  func `history is known since its stated receipt, else since it happened, and where it is not trusted since it came`(
    members: String, happened: String, known: String
  ) throws {
    for isTrusted in [true, false] {
      let event = try read(
        #"{"event": "e", "userId": "u", \#(members)}"#, as: .track, isImport: true, isTrusted: isTrusted)
      #expect(event.timestamp == Timestamp(iso8601: happened))
      #expect(event.knownAt == (isTrusted ? Timestamp(iso8601: known) : noon))
      #expect(event.receivedAt == noon)
    }
  }
}
