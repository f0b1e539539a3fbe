/// Reading a node as a value of one type. Each throws `found X, expected Y` at the node's place.
extension DocumentNode {
  public func mismatch(expected: String) -> DocumentError { error("found \(inWords), expected \(expected)") }

  /// A string. Numbers and booleans must be quoted to be strings.
  public func string() throws(DocumentError) -> String {
    switch content {
    case .string(let value): return value
    case .int, .double, .bool:
      throw error("found \(inWords), expected a string; put it in quotes if it is meant as one")
    default: throw mismatch(expected: "a string")
    }
  }

  /// A string of at least one character.
  public func nonEmptyString() throws(DocumentError) -> String {
    let value = try string()
    guard !value.isEmpty else { throw error("found an empty string, expected some text") }
    return value
  }

  public func bool() throws(DocumentError) -> Bool {
    guard case .bool(let value) = content else { throw mismatch(expected: "true or false") }
    return value
  }

  /// A whole number within `range`. `2.0` and `1e3` are whole, too.
  public func int(in range: ClosedRange<Int> = Int.min...Int.max) throws(DocumentError) -> Int {
    let value: Int?
    switch content {
    case .int(let whole): value = Int(whole)
    case .double(let number): value = Int(exactly: number)
    default: value = nil
    }
    guard let value else { throw mismatch(expected: "a whole number" + Self.inWords(range)) }
    guard range.contains(value) else {
      throw error("found the number \(value), expected a whole number" + Self.inWords(range))
    }
    return value
  }

  /// A finite number within `range`.
  public func double(in range: ClosedRange<Double> = -Double.infinity...Double.infinity) throws(DocumentError) -> Double
  {
    let value: Double
    switch content {
    case .int(let whole): value = Double(whole)
    case .double(let number): value = number
    default: throw mismatch(expected: "a number" + Self.inWords(range))
    }
    guard range.contains(value) else { throw mismatch(expected: "a number" + Self.inWords(range)) }
    return value
  }

  /// A length of time, such as `7d`, `12h`, `30m`, `90s`, `250ms` or `2w`; never negative.
  public func duration() throws(DocumentError) -> Duration {
    let expected = "a length of time such as '7d', '12h', '30m' or '90s'"
    guard case .string(let text) = content else { throw mismatch(expected: expected) }
    guard let value = Duration(documentText: text) else { throw mismatch(expected: expected) }
    return value
  }

  public func list() throws(DocumentError) -> [DocumentNode] {
    guard case .list(let values) = content else { throw mismatch(expected: "a list") }
    return values
  }

  /// A list of strings.
  public func strings() throws(DocumentError) -> [String] {
    var values: [String] = []
    for node in try list() { values.append(try node.string()) }
    return values
  }

  /// One of the raw values of an enum, with a suggestion for a slip.
  ///
  /// - Parameter what: What the word names, such as `an event kind`.
  public func choice<Choice: RawRepresentable & CaseIterable>(
    _ type: Choice.Type = Choice.self, of what: String
  ) throws(DocumentError) -> Choice where Choice.RawValue == String {
    let words = Choice.allCases.map(\.rawValue)
    let expected = "\(what): \(words.map { "'\($0)'" }.joined(separator: ", "))"
    guard case .string(let word) = content else { throw mismatch(expected: expected) }
    guard let choice = Choice(rawValue: word) else {
      throw error("found '\(word)', expected \(expected)", suggestion: nearestWord(to: word, among: words))
    }
    return choice
  }

  /// A mapping whose keys are the author's own, such as names of placements.
  ///
  /// - Parameter what: What the mapping is, such as `placements`, for messages.
  public func mapping(of what: String) throws(DocumentError) -> DocumentMapping {
    guard case .mapping(let members) = content else { throw mismatch(expected: "a mapping (\(what))") }
    return DocumentMapping(location: location, what: what, members: members)
  }

  /// A mapping that has no other keys than `keys`.
  ///
  /// - Parameter what: What the mapping is, such as `a placement`, for messages.
  public func mapping(allowing keys: Set<String>, of what: String) throws(DocumentError) -> DocumentMapping {
    let mapping = try mapping(of: what)
    for member in mapping.members where !keys.contains(member.key) {
      let nearest = nearestWord(to: member.key, among: keys)
      let known = keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
      throw DocumentError(
        at: member.keyLocation,
        "'\(member.key)' is not a key of \(what)" + (nearest == nil ? " (it may have \(known))" : ""),
        suggestion: nearest)
    }
    return mapping
  }

  private static func inWords(_ range: ClosedRange<Int>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (Int.min, Int.max): ""
    case (let low, Int.max): " of at least \(low)"
    case (Int.min, let high): " of at most \(high)"
    case (let low, let high): " from \(low) to \(high)"
    }
  }

  private static func inWords(_ range: ClosedRange<Double>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (-Double.infinity, Double.infinity): ""
    case (let low, Double.infinity): " of at least \(low)"
    case (-Double.infinity, let high): " of at most \(high)"
    case (let low, let high): " from \(low) to \(high)"
    }
  }
}
