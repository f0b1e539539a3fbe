import Learning
import Testing

@Suite struct FormatTests {
  let files: TextFiles

  init() throws { files = try TextFiles() }

  @Test func `leave-one-out strikes the test item from its negatives, and its validation is of the training`() throws {
    let train = try files.write("train", "0\t0\n0\t1\t5\t978\n1\t1\n1\t2\n")
    let negatives = try files.write("negatives", "(0,2)\t3\t2\t4\n(1,0)\t4\n")
    let set = try EvaluationSource.ncf(train: train, negatives: negatives, validation: nil).load(seed: 3)
    #expect(set.test.training.itemCount == 5)
    #expect(set.test.training.sequences.map(\.items) == [[0, 1], [1, 2]])
    #expect(set.test.questions.map(\.targets) == [[2], [0]])
    #expect(set.test.questions.map(\.candidates) == [.given([3, 4]), .given([4])])
    // One of two items each, among items that they do not have; the test item may be one of those, for all it knows.
    #expect(set.validation.training.sequences.map(\.items.count) == [1, 1])
    for (question, sequence) in zip(set.validation.questions, set.test.training.sequences) {
      #expect(sequence.items.contains(question.targets[0]))
      guard case .given(let others) = question.candidates else { continue }
      #expect(others.count == 3 && others.allSatisfy { !sequence.items.contains($0) })
    }
    let again = try EvaluationSource.ncf(train: train, negatives: negatives, validation: nil).load(seed: 3)
    #expect(again.validation == set.validation)
  }

  @Test func `a validation file is taken out of the training that tuning sees`() throws {
    let source = EvaluationSource.ncf(
      train: try files.write("train", "a x\na y\nb y\nb z\n"), negatives: try files.write("test", "(a,z) w\n(b,x) w\n"),
      validation: try files.write("held", "a\ty\tz\tw\nb\tz\tx\tw\n"))
    let set = try source.load()
    #expect(set.validation.training.sequences.map(\.items) == [[0], [1]])
    #expect(set.validation.questions.map(\.targets) == [[1], [2]])
    #expect(set.test.training.sequences.map(\.items) == [[0, 1], [1, 2]])
  }

  @Test func `of sequences the last item is the test and the one before it the validation`() throws {
    let data = try files.write("data", "7 10\n7 11\n9 10\n7 12\n9 11\n9 12\n9 13\n\n5 10\n")
    let set = try EvaluationSource.sequences(data: data).load()
    #expect(set.test.training.sequences.map(\.items) == [[0, 1], [0, 1, 2], [0]])
    #expect(set.test.questions.map(\.targets) == [[2], [3]])
    #expect(set.test.questions.map(\.candidates) == [.unseen, .unseen])
    #expect(set.validation.training.sequences.map(\.items) == [[0], [0, 1], [0]])
    #expect(set.validation.questions.map(\.targets) == [[1], [2]])
  }

  @Test func `prefixes of one session are one group, and the validation is prefixes of the last sessions`() throws {
    let train = try files.write("train", (0..<20).map { "\($0) \($0 + 1) \($0 + 2)" }.joined(separator: "\n"))
    let test = try files.write("test", "1 2 3\t4\n1 2\t3\n1\t2\n5\t6\n7 7\t8\n7\t7\n")
    let set = try EvaluationSource.sessions(train: train, test: test).load()
    #expect(set.test.questions.map(\.group) == [0, 0, 0, 1, 2, 2])
    #expect(set.test.questions.allSatisfy { $0.sequence == nil && $0.candidates == .all })
    #expect(set.validation.training.sequences.count == 18)
    #expect(set.validation.questions.map(\.history.items) == [[18], [18, 19], [19], [19, 20]])
    #expect(set.validation.questions.map(\.targets) == [[19], [20], [20], [21]])
  }

  @Test func `a table is split by time, and people are asked for what is new to them`() throws {
    let text = """
      when,who,note,what
      2026-01-05,ann,,d
      2026-01-01,ann,"x, y",a
      2026-01-02,bob,,b
      2026-01-03,ann,,b
      2026-01-04,bob,,c
      2026-01-06,ann,,a
      2026-01-07,eve,,a
      2026-01-08,bob,,a
      2026-01-09,bob,,a
      2026-01-10,bob,,d
      """
    let columns = EvaluationSource.CSVColumns(user: "who", item: "what", time: "when")
    let source = EvaluationSource.csv(data: try files.write("data.csv", text), columns: columns, split: .temporal(0.5))
    let set = try source.load()
    // d 0, a 1, b 2, c 3; the first five rows by time train.
    #expect(set.test.training.sequences.map(\.items) == [[1, 2, 0], [2, 3], []])
    #expect(set.test.questions.map(\.targets) == [[1, 0]])
    #expect(set.test.questions.map(\.sequence) == [1])
    #expect(set.validation.training.sequences.map(\.items) == [[1, 2], [2], []])
    #expect(set.validation.questions.map(\.targets) == [[0], [3]])
  }

  static let ncf = "0\t0\n0\t1\n1\t1\n1\t2\n"

  @Test(
    arguments: [
      ("", "(0,2)\t3\n", "1:1 the file is empty"), ("0\t0\n\n77\n", "(0,2)\t3\n", "3:3 found one field"),
      (ncf, "", "1:1 the file is empty"), (ncf, "(0,2)\t3\n(0;2)\t3\n", "2:1 found '(0;2)', expected (user,item)"),
      (ncf, "(0,2)\n", "1:6 found no items"), (ncf, "(0,2)\t1\n(14,2)\t3\n", "2:2 user '14' is not in"),
      (ncf, "(0,)\t3\n", "1:1 found '(0,)'"), (ncf, "0,2\t3\n", "1:1 found '0,2'"),
    ] as [(String, String, String)])
  func `bad leave-one-out files are refused with their place`(train: String, test: String, reason: String) throws {
    let source = EvaluationSource.ncf(
      train: try files.write("train", train), negatives: try files.write("test", test), validation: nil)
    #expect(complaint(source)?.hasPrefix(reason) == true, "\(complaint(source) ?? "nothing")")
  }

  @Test(
    arguments: [
      ("", "1:1 the file is empty"), ("1 2\n1 3 4\n", "2:5 found 3 fields"), ("1 2\n12\n", "2:3 found 1 fields"),
      ("1 2\n1 3\n2 2\n", "1:1 no user has the three items"),
    ] as [(String, String)])
  func `bad sequences are refused with line and column`(text: String, reason: String) throws {
    let source = EvaluationSource.sequences(data: try files.write("data", text))
    #expect(complaint(source)?.hasPrefix(reason) == true, "\(complaint(source) ?? "nothing")")
  }

  @Test(
    arguments: [
      ("", "1\t2\n", "1:1 the file is empty"), ("1 2\n2 3\n", "", "1:1 the file is empty"),
      ("1 2\n2 3\n", "1\t2\n1 2\n", "2:4 found 1 parts"), ("1 2\n2 3\n", "1\t2 3\n", "1:3 found '2 3'"),
      ("1 2\n2 3\n", "1\t2\t3\n", "1:5 found 3 parts"), ("1 2\n", "1\t2\n", "1:1 found too few sessions"),
    ] as [(String, String, String)])
  func `bad sessions are refused with line and column`(train: String, test: String, reason: String) throws {
    let source = EvaluationSource.sessions(
      train: try files.write("train", train), test: try files.write("test", test))
    #expect(complaint(source)?.hasPrefix(reason) == true, "\(complaint(source) ?? "nothing")")
  }

  @Test(
    arguments: [
      ("", "1:1 found no column 'user'"), ("usr,item,time\n", "1:1 found no column 'user' among usr"),
      ("user,item,time\n", "2:1 found no rows"), ("user,item,time\na,b,1\na,b\n", "3:1 found 2 fields"),
      ("user,item,time\na,b,noon\n", "2:5 found 'noon' as the time"),
      ("user,item,time\n,b,1\n", "2:1 the field 'user'"),
      ("user,item,time\na,\"b,1\n", "2:1 a quote that is not closed"),
      ("user,item,time\na,b,1\na,c,1\n", "1:1 nobody of the first 0.8"),
    ] as [(String, String)])
  func `bad tables are refused with line and column`(text: String, reason: String) throws {
    let columns = EvaluationSource.CSVColumns(user: "user", item: "item", time: "time")
    let source = EvaluationSource.csv(data: try files.write("t.csv", text), columns: columns, split: .temporal(0.8))
    #expect(complaint(source)?.hasPrefix(reason) == true, "\(complaint(source) ?? "nothing")")
  }

  @Test func `a file that is not there is named`() {
    #expect(complaint(.sequences(data: "/nowhere/data.txt"))?.contains("cannot be read") == true)
    let columns = EvaluationSource.CSVColumns(user: "u", item: "i", time: "t")
    #expect(
      complaint(.csv(data: "/nowhere/d.csv", columns: columns, split: .temporal(0.8)))?.contains("cannot be read")
        == true)
  }
}
