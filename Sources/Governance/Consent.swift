public import Primitives

/// What personal data is used for. `personalization` gates every decision; workspaces may name others.
public struct Purpose: Sendable, Hashable, Comparable, RawRepresentable {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  public static let personalization = Purpose(rawValue: "personalization")
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What a person said about one purpose, and when.
public struct ConsentStatement: Sendable, Hashable {
  public let purpose: Purpose
  public let isGranted: Bool
  public let at: Timestamp

  public init(purpose: Purpose, isGranted: Bool, at: Timestamp) {
    self.purpose = purpose
    self.isGranted = isGranted
    self.at = at
  }
}

/// What no statement means in a workspace.
public enum ConsentDefault: String, Sendable, CaseIterable {
  /// Allowed until refused.
  case allowed
  /// Refused until granted (`consent: required`).
  case required
}

/// The latest statement for each purpose; a fold that does not depend on the order of arrival.
public struct Consent: Sendable, Hashable {
  /// Purposes kept. Beyond them the last in the order of names are left out, never `personalization`.
  public static let purposesMax = 200

  /// One for each purpose, by purpose ascending.
  public private(set) var statements: [ConsentStatement] = []

  public init() {}

  public subscript(_ purpose: Purpose) -> ConsentStatement? { statements.first { $0.purpose == purpose } }

  /// Keeps the later statement; of two at one moment the refusal.
  public mutating func record(_ statement: ConsentStatement) {
    guard let index = index(of: statement.purpose) else { return insert(statement) }
    let current = statements[index]
    let isLater = statement.at > current.at
    let isStricterAtOnce = statement.at == current.at && !statement.isGranted
    if isLater || isStricterAtOnce { statements[index] = statement }
  }

  /// Joins the consent of two profiles that are one person: for each purpose the more restrictive statement wins,
  /// of two alike the later.
  public mutating func merge(_ other: Consent) {
    for theirs in other.statements {
      guard let index = index(of: theirs.purpose) else {
        insert(theirs)
        continue
      }
      let ours = statements[index]
      if ours.isGranted == theirs.isGranted {
        if theirs.at > ours.at { statements[index] = theirs }
      } else if ours.isGranted {
        statements[index] = theirs
      }
    }
  }

  private func index(of purpose: Purpose) -> Int? { statements.firstIndex { $0.purpose == purpose } }

  private mutating func insert(_ statement: ConsentStatement) {
    let index = statements.firstIndex { $0.purpose > statement.purpose } ?? statements.count
    statements.insert(statement, at: index)
    // What is left out is always the last by name, so that the order of arrival makes no difference.
    guard statements.count > Self.purposesMax,
      let last = statements.lastIndex(where: { $0.purpose != .personalization })
    else { return }
    statements.remove(at: last)
  }

  /// Whether data may be used for `purpose`: what was last said of it, else what silence means in the workspace.
  public func allows(_ purpose: Purpose, byDefault fallback: ConsentDefault) -> Bool {
    self[purpose]?.isGranted ?? (fallback == .allowed)
  }
}

extension Consent: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(count: statements.count)
    for statement in statements {
      writer.write(string: statement.purpose.rawValue)
      writer.write(bool: statement.isGranted)
      writer.write(time: statement.at)
    }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    for _ in 0..<(try reader.readCount()) {
      statements.append(
        ConsentStatement(
          purpose: Purpose(rawValue: try reader.readString()), isGranted: try reader.readBool(),
          at: try reader.readTime()))
    }
  }
}

extension Consent {
  /// `{"personalization": {"granted": false, "at": "2026-03-01T09:30:00.000Z"}, …}`
  public func write(to writer: inout JSONWriter) {
    writer.object {
      for statement in statements {
        $0.key(statement.purpose.rawValue)
        $0.object {
          $0.member("granted", statement.isGranted)
          $0.member("at", statement.at)
        }
      }
    }
  }
}
