import CYaml

/// One step through a YAML text.
struct YAMLEvent {
  enum Kind {
    case streamStart, streamEnd, documentStart, documentEnd
    case alias(String)
    case scalar(String, isPlain: Bool, anchor: String?)
    case listStart(anchor: String?)
    case mappingStart(anchor: String?)
    case listEnd, mappingEnd
  }

  let kind: Kind
  let location: SourceLocation
}

/// The events of a YAML text, one by one, as libyaml (in Yams' `CYaml`) finds them.
///
/// Not Yams' own `compose`: it follows references while it builds and hashes every key, so that a small text of nested
/// references takes forever before its size can be looked at.
final class YAMLEventReader {
  private let file: String
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let parser: UnsafeMutablePointer<yaml_parser_t>

  init(bytes text: [UInt8], file: String) throws(DocumentError) {
    self.file = file
    bytes = .allocate(capacity: text.count)
    _ = bytes.initialize(from: text)
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    guard yaml_parser_initialize(parser) == 1 else {
      throw DocumentError(at: SourceLocation(file: file, line: 1, column: 1), "not enough memory to read YAML")
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    bytes.deallocate()
  }

  func next() throws(DocumentError) -> YAMLEvent {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { yaml_event_delete(&event) }
    let location = location(event.start_mark)
    return YAMLEvent(kind: try kind(of: event, at: location), location: location)
  }

  private func kind(of event: yaml_event_t, at location: SourceLocation) throws(DocumentError) -> YAMLEvent.Kind {
    switch event.type {
    case YAML_STREAM_START_EVENT: return .streamStart
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_ALIAS_EVENT: return .alias(Self.text(event.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let isTagged = try checkTag(scalar.tag, allowing: "str", at: location)
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return .scalar(
        text, isPlain: !isTagged && scalar.style == YAML_PLAIN_SCALAR_STYLE, anchor: Self.text(scalar.anchor))
    case YAML_SEQUENCE_START_EVENT:
      _ = try checkTag(event.data.sequence_start.tag, allowing: "seq", at: location)
      return .listStart(anchor: Self.text(event.data.sequence_start.anchor))
    case YAML_MAPPING_START_EVENT:
      _ = try checkTag(event.data.mapping_start.tag, allowing: "map", at: location)
      return .mappingStart(anchor: Self.text(event.data.mapping_start.anchor))
    case YAML_SEQUENCE_END_EVENT: return .listEnd
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    default: return .streamEnd
    }
  }

  /// Whether there is a tag; one that would change the meaning is refused.
  private func checkTag(
    _ pointer: UnsafePointer<UInt8>?, allowing name: String, at location: SourceLocation
  ) throws(DocumentError) -> Bool {
    guard let tag = Self.text(pointer) else { return false }
    guard tag == "!" || tag == "tag:yaml.org,2002:" + name else {
      throw DocumentError(at: location, "the tag '\(tag)' has no meaning here; only plain values are read")
    }
    return true
  }

  private static func text(_ pointer: UnsafePointer<UInt8>?) -> String? { pointer.map { String(cString: $0) } }

  private func location(_ mark: yaml_mark_t) -> SourceLocation {
    SourceLocation(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  private func failure() -> DocumentError {
    let state = parser.pointee
    let problem = state.problem.map { String(cString: $0) } ?? "the YAML cannot be read"
    if state.error == YAML_READER_ERROR {
      var places = PlaceFinder(bytes: Array(bytes), file: file)
      return DocumentError(at: places.location(ofByte: Int(state.problem_offset)), problem)
    }
    var message = problem
    if problem.hasPrefix("Maximum nesting level") {  // libyaml's own bound: it looks ahead within a line
      return DocumentError(at: location(state.problem_mark), "found too many lists and mappings within each other")
    }
    if let context = state.context.map({ String(cString: $0) }) {
      message += " \(context) that begins in line \(state.context_mark.line + 1)"
    }
    let offset = Int(state.problem_mark.index)
    if state.error == YAML_SCANNER_ERROR, byte(ofCharacter: offset) == UInt8(ascii: "\t") {
      message = "found a tab, expected spaces: YAML does not indent with tabs"
    }
    return DocumentError(at: location(state.problem_mark), message)
  }

  private func byte(ofCharacter target: Int) -> UInt8? {
    var count = -1
    return bytes.first { byte in
      if byte & 0xC0 != 0x80 { count += 1 }
      return count == target
    }
  }
}
