import Documents
import Interchange
import Primitives
import Testing

@Suite struct EventRowsReaderTests {
  private func read(
    _ text: String, map: String, separator: String = ",", event: String = "view", time: TimeReading = TimeReading()
  ) throws -> [ImportRecord] {
    let rows = try DelimitedReader(
      ByteSource(Array(text.utf8)), format: DelimitedFormat(separator: separator))
    let mapping = try ColumnMapping(parsing: map, defaultEvent: event, time: time)
    return try records(try EventRowsReader(rows, mapping: mapping, file: "t.csv"))
  }

  @Test func `a line that is set aside is the line of the file, and so is one that a server refuses later`() throws {
    let text = "user;item;value\n\"a;b\";mug;much\nada;\"x \"\"y\"\"\";5\n"
    let found = try read(text, map: "user=user,item=item,value=value", separator: ";")
    guard case .bad(_, let line) = found[0].content else { return #expect(Bool(false), "a bad value was taken") }
    #expect(String(decoding: line, as: UTF8.self) == "\"a;b\";mug;much")
    #expect(found[1].raw.map { String(decoding: $0, as: UTF8.self) } == "ada;\"x \"\"y\"\"\";5")
  }

  /// The first lines of Diginetica's `sample_train-item-views.csv`: the user is often NA, the time counts from the day.
  @Test func `a visit without a user is an anonymous person`() throws {
    let text = """
      session_id;user_id;item_id;timeframe;eventdate
      1;NA;81766;526309;2016-05-09
      9;1400;31331;1031018;2016-05-10
      """
    let found = try read(
      text, map: "user=user_id,session=session_id,item=item_id,time=timeframe,date=eventdate", separator: ";",
      time: TimeReading(unit: .milliseconds))
    let stranger = try #require(found[0].json)
    #expect(stranger["anonymous_id"] == "1")
    #expect(stranger["user_id"] == nil)
    #expect(stranger["item_id"] == "81766")
    #expect(stranger["event_type"] == "view")
    #expect(stranger["timestamp"] == "2016-05-09T00:08:46.309Z")
    #expect(stranger["context"]?["session_id"] == "1")
    let known = try #require(found[1].json)
    #expect(known["user_id"] == "1400")
    #expect(known["anonymous_id"] == nil)
    #expect(known["context"]?["session_id"] == "9")
    #expect(known["timestamp"] == "2016-05-10T00:17:11.018Z")
  }

  @Test func `event and value columns become what they say`() throws {
    let found = try read(
      "who,what,act,paid,q\nu,i,purchase,9.50,\nu,,search,,red shoes\n",
      map: "user=who,item=what,event=act,value=paid,query=q", event: "click")
    #expect(found[0].json?["event_type"] == "purchase")
    #expect(found[0].json?["value"] == 9.5)
    #expect(found[0].json?["timestamp"] == nil)
    #expect(found[1].json?["event_type"] == "search")
    #expect(found[1].json?["item_id"] == nil)
    #expect(found[1].json?["properties"]?["query"] == "red shoes")
  }

  @Test func `columns can be named by number`() throws {
    #expect(try read("a,b\nu,i\n", map: "user=1,item=2").first?.json?["item_id"] == "i")
  }

  @Test(arguments: [
    ("NA,i,1,0", "neither a user nor a session"), ("u,i,many,0", "found 'many' as the value, expected a number"),
    ("u,i,1,soon", "found 'soon' as the time"), ("u,i,1,", "the time is missing"),
    ("u,i", "found 2 fields, expected 4"),
  ])
  func `a bad row is set aside with its line and reason`(row: String, reason: String) throws {
    let found = try read("u,i,v,t\n\(row)\nu,i,2,1\n", map: "user=u,item=i,value=v,time=t")
    #expect(found.count == 2)
    #expect(found[0].position.line == 2)
    #expect(found[0].reason?.contains(reason) == true)
    #expect(found[1].json?["value"] == 2)
  }

  @Test(arguments: [
    ("who=a", "'who' is no role of a column"), ("user", "not of the form role=column"), ("item=a", "needs `user` or"),
    ("user=a,user=b", "'user' is mapped twice"), ("user=a,date=d,time=t", "say the time's unit"),
    ("user=nowhere", "there is no column 'nowhere' for user; there are 'u', 'i'"),
  ])
  func `a wrong mapping is refused in words`(map: String, reason: String) throws {
    let refusal = #expect(throws: ColumnMapping.Refusal.self) { try read("u,i\n", map: map) }
    #expect(refusal?.description.contains(reason) == true)
  }

  @Test(
    arguments: [
      (TimeUnit.auto, "881250949", "1997-12-04T15:55:49.000Z"), (.auto, "881250949000", "1997-12-04T15:55:49.000Z"),
      (.auto, "2016-05-09", "2016-05-09T00:00:00.000Z"), (.seconds, "1.5", "1970-01-01T00:00:01.500Z"),
      (.milliseconds, "-1", "1969-12-31T23:59:59.999Z"), (.iso, "881250949", nil), (.seconds, "1e300", nil),
      (.seconds, "nan", nil),
    ] as [(TimeUnit, String, String?)])
  func `moments are read in their unit`(unit: TimeUnit, text: String, expected: String?) {
    #expect(TimeReading(unit: unit).moment(text)?.description == expected)
  }
}
