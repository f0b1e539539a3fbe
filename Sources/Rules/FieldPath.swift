/// The name of a field that a rule reads, from its root: `person.features.orders_30d`.
///
/// It covers the whole chain as written, within open parts too: for `person.traits.address.city` the environment is
/// asked for exactly that.
public struct FieldPath: Sendable, Hashable {
  public let root: String
  /// Names below the root; empty for the root itself.
  public let names: [String]

  public init(root: String, names: [String]) {
    self.root = root
    self.names = names
  }

  public init(_ root: String, _ names: String...) { self.init(root: root, names: names) }

  /// The path of the member called `name`.
  public func member(_ name: String) -> FieldPath { FieldPath(root: root, names: names + [name]) }
}

extension FieldPath: CustomStringConvertible {
  /// As a rule would write it: `person.traits.plan`, `item.attributes["max load"]`.
  public var description: String {
    names.reduce(into: root) { text, name in
      text += isIdentifier(name) ? ".\(name)" : "[\(RuleValue.string(name))]"
    }
  }
}

func isIdentifier(_ name: String) -> Bool {
  guard let first = name.utf8.first, isIdentifierStart(first), !Keyword.all.contains(name) else { return false }
  return name.utf8.allSatisfy { isIdentifierStart($0) || isDigit($0) }
}

@inline(__always)
func isIdentifierStart(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "_") || (byte | 0x20) &- 0x61 < 26 }

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
