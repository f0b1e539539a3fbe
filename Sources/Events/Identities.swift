import Primitives

/// Whom an event is about.
struct Identities {
  var identifiers: [Identifier] = []
  var previousID: String?

  init(_ root: borrowing RootFields, _ context: borrowing ContextFields, kind: EventKind) throws(EventRejection) {
    if let user = try root[.userID]?.id(root.spelling(of: .userID)) { identifiers.append(.user(user)) }
    if kind == .alias {
      // An alias says that two names mean one person; whoever's device it came from is beside the point.
      previousID = try root[.previousID]?.id("previousId")
      guard !identifiers.isEmpty else {
        throw EventRejection(.missingIdentity, "found no id, expected userId", field: "userId")
      }
      guard previousID != nil else {
        throw EventRejection(.missingPreviousID, "found no id, expected the person's earlier one", field: "previousId")
      }
      return
    }
    if let anonymous = try root[.anonymousID]?.id(root.spelling(of: .anonymousID)) {
      identifiers.append(.anonymous(anonymous))
    }
    try read(externalIDs: context[.externalIDs])
    guard !identifiers.isEmpty else {
      let (user, anonymous) = (root.spelling(of: .userID), root.spelling(of: .anonymousID))
      throw EventRejection(
        .missingIdentity, "found neither \(user) nor \(anonymous), expected one of them", field: user)
    }
  }

  /// `context.externalIds`: `[{"id": "a@b.example", "type": "email", …}]`. A `user_id` stands first, as everywhere.
  private mutating func read(externalIDs: JSONView?) throws(EventRejection) {
    guard let externalIDs else { return }
    let place = "context.externalIds"
    guard externalIDs.isArray else { throw .wrongType(externalIDs, expected: "an array", field: place) }
    for (index, entry) in externalIDs.elements.enumerated() where !entry.isNull {
      guard index < EventLimits.externalIDs else {
        throw EventRejection(
          .tooMany, "found \(externalIDs.count) ids, expected at most \(EventLimits.externalIDs)", field: place)
      }
      guard entry.isObject else { throw .wrongType(entry, expected: "an object", field: "\(place)[\(index)]") }
      guard let idView = entry["id" as StaticString], !idView.isNull,
        let typeView = entry["type" as StaticString], !typeView.isNull,
        let id = try idView.id("\(place)[\(index)].id"), let type = try typeView.name("\(place)[\(index)].type")
      else { continue }
      let identifier = Identifier(namespace: type, value: id)
      guard !identifiers.contains(identifier) else { continue }
      let isFirstUser = type == Identifier.user("").namespace && identifiers.first?.namespace != type
      identifiers.insert(identifier, at: isFirstUser ? 0 : identifiers.count)
    }
  }
}
