import Governance
import Primitives

/// Statements of consent as events carry them. What looks like one and cannot be read refuses the event: nothing said
/// about consent is passed over.
///
///     {"personalization": false}
///     {"categoryPreferences": {"Advertising": true}}
///     false                                                  (speaks of personalization)
///     {"allowedConsentIds": ["ads"], "deniedConsentIds": ["personalization"]}       (context.consentManagement)
///
/// Purposes are compared in lower case; the categories of a consent platform are purposes by their ids. An empty
/// `categoryPreferences` means that nothing was agreed to, which refuses personalization (Segment, *Consent in event
/// payloads*). Empty lists of ids say nothing: RudderStack's libraries send them before anybody was asked.
struct ConsentReader {
  let at: Timestamp
  private(set) var statements: [ConsentStatement] = []

  init(at: Timestamp) { self.at = at }

  mutating func read(_ view: JSONView?, field: String) throws(EventRejection) {
    guard let view, !view.isNull else { return }
    if let isGranted = view.bool { return append(.personalization, isGranted) }
    guard let purposes = try view.objectOrNothing(field) else { return }
    guard let categories = purposes["categoryPreferences" as StaticString], !categories.isNull else {
      return try read(purposesOf: purposes, field: field, isMixed: false)
    }
    let place = field + ".categoryPreferences"
    if let chosen = try categories.objectOrNothing(place), chosen.count > 0 {
      try read(purposesOf: chosen, field: place, isMixed: false)
    } else {
      append(.personalization, false)
    }
    // Consent platforms put their own notes beside the categories.
    try read(purposesOf: purposes, field: field, isMixed: true)
  }

  /// The body of the consent call, which must say something.
  mutating func read(purposes view: JSONView?) throws(EventRejection) {
    let before = statements.count
    try read(view, field: "purposes")
    guard statements.count > before else {
      throw EventRejection(
        .missingPurposes, "found none, expected an object of purposes, each true or false", field: "purposes")
    }
  }

  /// What RudderStack's libraries send (RudderStack, *Add the consent object to event payloads*): the categories that were
  /// agreed to and those that were refused. `provider` and `resolutionStrategy` are about destinations.
  mutating func read(management view: JSONView?, field: String) throws(EventRejection) {
    guard let view, !view.isNull, let management = try view.objectOrNothing(field) else { return }
    try read(ids: management["allowedConsentIds" as StaticString], isGranted: true, "\(field).allowedConsentIds")
    try read(ids: management["deniedConsentIds" as StaticString], isGranted: false, "\(field).deniedConsentIds")
  }

  /// An array of ids, or an object whose names are ids, as the browser library sends OneTrust's.
  private mutating func read(ids view: JSONView?, isGranted: Bool, _ field: String) throws(EventRejection) {
    guard let view, !view.isNull else { return }
    if view.isObject {
      for (id, _) in view.members { try append(id, isGranted, field) }
      return
    }
    guard view.isArray else { throw .wrongType(view, expected: "an array of ids", field: field) }
    for element in view.elements {
      guard let id = element.string else { throw .wrongType(element, expected: "a string", field: field) }
      try append(id, isGranted, field)
    }
  }

  private mutating func read(purposesOf view: JSONView, field: String, isMixed: Bool) throws(EventRejection) {
    for (purpose, answer) in view.members where !answer.isNull {
      guard let isGranted = answer.bool else {
        if isMixed { continue }
        throw .wrongType(answer, expected: "true or false", field: "\(field).\(purpose)")
      }
      try append(purpose, isGranted, field)
    }
  }

  private mutating func append(_ purpose: String, _ isGranted: Bool, _ field: String) throws(EventRejection) {
    let name = purpose.lowercased()
    guard !name.isEmpty, name.utf8.count <= EventLimits.purposeBytes else {
      throw .tooLong(name.utf8.count, max: EventLimits.purposeBytes, field: field)
    }
    append(Purpose(rawValue: name), isGranted)
    guard statements.count <= EventLimits.purposes else {
      throw EventRejection(
        .tooMany, "found more than \(EventLimits.purposes) purposes, expected at most that many", field: field)
    }
  }

  private mutating func append(_ purpose: Purpose, _ isGranted: Bool) {
    statements.append(ConsentStatement(purpose: purpose, isGranted: isGranted, at: at))
  }
}
