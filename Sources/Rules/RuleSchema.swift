/// What stands under one name.
public indirect enum RuleField: Sendable, Hashable {
  /// A value of this type. Names below a `dyn` or a map are allowed.
  case value(RuleType)
  /// Exactly these names.
  case record([String: RuleField])
  /// These names have known types, any other is `dyn`: traits, attributes, what a request brings along.
  case open([String: RuleField])

  /// A part with any names.
  public static let open = RuleField.open([:])
}

/// The fields that rules may read, by root: `person`, `item`, `context`, `now`.
public struct RuleSchema: Sendable, Hashable {
  public private(set) var roots: [String: RuleField]

  public init(_ roots: [String: RuleField] = [:]) { self.roots = roots }

  /// Adds or replaces the field at `path`; what is missing on the way becomes a record.
  ///
  /// - Precondition: nothing on the way is a value.
  public mutating func declare(_ path: FieldPath, as field: RuleField) {
    roots[path.root] = Self.placing(field, at: path.names[...], in: roots[path.root], of: path)
  }

  private static func placing(
    _ field: RuleField, at names: ArraySlice<String>, in parent: RuleField?, of path: FieldPath
  ) -> RuleField {
    guard let name = names.first else { return field }
    switch parent ?? .record([:]) {
    case .value: preconditionFailure("\(path) lies below a value")
    case .record(var fields):
      fields[name] = placing(field, at: names.dropFirst(), in: fields[name], of: path)
      return .record(fields)
    case .open(var fields):
      fields[name] = placing(field, at: names.dropFirst(), in: fields[name], of: path)
      return .open(fields)
    }
  }
}
