extension DocumentNode {
  /// Reads a text that holds one YAML document. References (`*name`) are followed; tags and two keys of one name in a mapping
  /// are refused.
  ///
  /// - Returns: nil for an empty document, as of comments only.
  /// - Throws: The first thing that is wrong, with its place.
  /// - Complexity: O(bytes + nodes); `limits` bounds both.
  public static func yaml(
    _ text: String, file: String, limits: DocumentLimits = .standard
  ) throws(DocumentError) -> DocumentNode? {
    let bytes = Array(text.utf8)
    guard bytes.count <= limits.bytes else {
      throw DocumentError(
        at: SourceLocation(file: file, line: 1, column: 1),
        "found \(bytes.count) bytes, expected at most \(limits.bytes)")
    }
    var composer = YAMLComposer(limits: limits)
    let reader = try YAMLEventReader(bytes: bytes, file: file)
    var documentCount = 0
    while true {
      let event = try reader.next()
      switch event.kind {
      case .streamEnd: return composer.root
      case .documentStart:
        documentCount += 1
        guard documentCount == 1 else {
          throw DocumentError(at: event.location, "found a second document, expected one")
        }
      default: try composer.take(event)
      }
    }
  }
}

/// Builds the tree from events, counting what it builds.
private struct YAMLComposer {
  let limits: DocumentLimits
  private(set) var root: DocumentNode?

  private var open: [Frame] = []
  private var anchors: [String: Built] = [:]
  private var nodeCount = 0

  init(limits: DocumentLimits) { self.limits = limits }

  /// A value with what it counts for where it is repeated.
  private struct Built {
    let node: DocumentNode
    let size: Int
    let height: Int
  }

  /// A list or mapping that has not ended yet.
  private struct Frame {
    let location: SourceLocation
    let anchor: String?
    let isMapping: Bool
    let nodesBefore: Int
    var height = 1
    var values: [DocumentNode] = []
    var members: [DocumentNode.Member] = []
    var keys: [String: SourceLocation] = [:]
    var key: (text: String, location: SourceLocation)?
  }

  mutating func take(_ event: YAMLEvent) throws(DocumentError) {
    if let frame = open.last, frame.isMapping, frame.key == nil { return try takeKey(event) }
    switch event.kind {
    case .scalar(let text, let isPlain, let anchor):
      try count(1, at: event.location)
      let content = isPlain ? DocumentNode.Content(plainScalar: text) : .string(text)
      let built = Built(node: DocumentNode(content, at: event.location), size: 1, height: 0)
      if open.isEmpty, isPlain, text.isEmpty { return }  // nothing but `---`
      add(built, anchor: anchor)
    case .alias(let name):
      guard let built = anchors[name] else {
        throw DocumentError(
          at: event.location, "'*\(name)' refers to nothing above it",
          suggestion: nearestWord(to: name, among: anchors.keys))
      }
      try count(built.size, at: event.location)
      try checkDepth(open.count + built.height, at: event.location)
      add(built, anchor: nil)
    case .listStart(let anchor): try begin(isMapping: false, anchor: anchor, at: event.location)
    case .mappingStart(let anchor): try begin(isMapping: true, anchor: anchor, at: event.location)
    case .listEnd, .mappingEnd: end()
    case .streamStart, .streamEnd, .documentStart, .documentEnd: break
    }
  }

  private mutating func takeKey(_ event: YAMLEvent) throws(DocumentError) {
    switch event.kind {
    case .mappingEnd: end()
    case .scalar(let text, let isPlain, _):
      guard !(isPlain && text.isEmpty) else { throw DocumentError(at: event.location, "found no key, expected one") }
      let last = open.count - 1
      if let first = open[last].keys.updateValue(event.location, forKey: text) {
        throw DocumentNode.duplicate(text, at: event.location, first: first)
      }
      open[last].key = (text, event.location)
    default: throw DocumentError(at: event.location, "found a list, mapping or reference as a key, expected a word")
    }
  }

  private mutating func begin(isMapping: Bool, anchor: String?, at location: SourceLocation) throws(DocumentError) {
    try checkDepth(open.count + 1, at: location)
    open.append(Frame(location: location, anchor: anchor, isMapping: isMapping, nodesBefore: nodeCount))
    try count(1, at: location)
  }

  private mutating func end() {
    guard let frame = open.popLast() else { return }
    let content: DocumentNode.Content = frame.isMapping ? .mapping(frame.members) : .list(frame.values)
    let node = DocumentNode(content, at: frame.location)
    add(Built(node: node, size: nodeCount - frame.nodesBefore, height: frame.height), anchor: frame.anchor)
  }

  private mutating func add(_ built: Built, anchor: String?) {
    if let anchor { anchors[anchor] = built }
    guard let last = open.indices.last else {
      root = built.node
      return
    }
    open[last].height = max(open[last].height, built.height + 1)
    if let key = open[last].key {
      open[last].members.append(.init(key: key.text, keyLocation: key.location, value: built.node))
      open[last].key = nil
    } else {
      open[last].values.append(built.node)
    }
  }

  private mutating func count(_ more: Int, at location: SourceLocation) throws(DocumentError) {
    nodeCount += more
    guard nodeCount <= limits.nodes else {
      throw DocumentError(at: location, "found more than \(limits.nodes) values, references followed")
    }
  }

  private func checkDepth(_ depth: Int, at location: SourceLocation) throws(DocumentError) {
    guard depth <= limits.depth else {
      throw DocumentError(at: location, "found more than \(limits.depth) lists and mappings within each other")
    }
  }
}

extension DocumentNode.Content {
  /// What a scalar without quotes means.
  init(plainScalar text: String) {
    switch text {
    case "", "~", "null", "Null", "NULL": self = .null
    case "true", "True", "TRUE": self = .bool(true)
    case "false", "False", "FALSE": self = .bool(false)
    default:
      // Decimal as in JSON, with a plus sign or a bare point allowed; so no `007`, `0x10`, `nan`, `1_000`.
      let digits = text.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
      let isPadded = digits.first == UInt8(ascii: "0") && digits.dropFirst().first.map { $0 &- 0x30 <= 9 } ?? false
      guard !isPadded, text.utf8.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }) else {
        self = .string(text)
        return
      }
      if let whole = Int64(text) {
        self = .int(whole)
      } else if let number = Double(text), number.isFinite {
        self = .double(number)
      } else {
        self = .string(text)
      }
    }
  }
}
