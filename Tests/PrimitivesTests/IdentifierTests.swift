import Primitives
import Testing

@Suite struct IdentifierTests {
  @Test func `an id reads back from its text in either case`() {
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<5_000 {
      let id = SortableID(high: generator.next(), low: generator.next())
      #expect(id.description.count == 26)
      #expect(SortableID(id.description) == id)
      #expect(SortableID(id.description.lowercased()) == id)
      #expect(ProfileID(ProfileID(id).description) == ProfileID(id))
      #expect(DecisionID(DecisionID(id).description) == DecisionID(id))
    }
  }

  @Test func `texts sort as ids, and ids as their times`() {
    var generator = SeededGenerator(seed: 5)
    let ids = (0..<500).map { number in
      SortableID(
        time: Timestamp(milliseconds: Int64(number) * 1_000),
        entropy: Digest128(high: generator.next(), low: generator.next()))
    }
    #expect(ids == ids.sorted())
    #expect(ids.map(\.description) == ids.map(\.description).sorted())
    #expect(ids.map(\.time) == (0..<500).map { Timestamp(milliseconds: Int64($0) * 1_000) })
    let random = (0..<500).map { _ in SortableID(high: generator.next(), low: generator.next()) }
    #expect(random.sorted().map(\.description) == random.map(\.description).sorted())
  }

  @Test func `the time of an id is that of a ULID`() {
    // The example of the ULID specification: 01ARZ3NDEKTSV4RRFFQ69G5FAV was made at 1,469,922,850,259 ms.
    #expect(SortableID("01ARZ3NDEKTSV4RRFFQ69G5FAV")?.time == Timestamp(milliseconds: 1_469_922_850_259))
    #expect(SortableID(high: 0, low: 0).description == String(repeating: "0", count: 26))
    #expect(SortableID(high: .max, low: .max).description == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ")
    let early = SortableID(time: Timestamp(milliseconds: -5), entropy: Digest128(high: .max, low: 1))
    #expect(early == SortableID(high: 0xFFFF, low: 1))
    #expect(early.time == Timestamp(milliseconds: 0))
  }

  @Test(arguments: [
    "", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAVV", "81ARZ3NDEKTSV4RRFFQ69G5FAV",
    "01ARZ3NDEKTSV4RRFFQ69G5FAI", "01ARZ3NDEKTSV4RRFFQ69G5FAU", "01ARZ3NDEKTSV4RRFFQ69G5FA-",
    "01ARZ3NDEKTSV4RRFFQ69G5Fé",
    " 1ARZ3NDEKTSV4RRFFQ69G5FAV", "p_01ARZ3NDEKTSV4RRFFQ69G5FAV",
  ])
  func `what is no id is nothing`(text: String) {
    #expect(SortableID(text) == nil)
    #expect(ProfileID(text) == nil || text.hasPrefix("p_"))
    #expect(DecisionID(text) == nil)
    #expect(DecisionID("p_" + text) == nil)
  }

  @Test(arguments: [
    ("main", true), ("a", true), ("0", true), ("my-shop_2", true), (String(repeating: "a", count: 64), true),
    ("", false),
    (String(repeating: "a", count: 65), false), ("Main", false), ("-a", false), ("_a", false), ("a.b", false),
    ("a/b", false),
    ("..", false), ("ä", false), ("a b", false), ("a\u{0}", false),
  ])
  func `a workspace can name a folder`(text: String, isValid: Bool) {
    #expect((WorkspaceID(text) != nil) == isValid)
    #expect(WorkspaceID(text)?.description == (isValid ? text : nil))
  }

  @Test func `positions count up`() {
    #expect(LogPosition.start.next == LogPosition(1))
    #expect(LogPosition(1) < LogPosition(2))
  }
}
