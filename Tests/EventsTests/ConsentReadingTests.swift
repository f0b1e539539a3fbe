import Events
import Governance
import Primitives
import Testing

@Suite struct ConsentReadingTests {
  /// Purposes with their answers, in the order read.
  private func statements(_ event: Event) -> [String] {
    event.consent.map { "\($0.purpose.rawValue)=\($0.isGranted)" }
  }

  @Test(
    arguments: [
      (#"{"personalization": false, "marketing": true}"#, ["personalization=false", "marketing=true"]),
      (#"{"Personalization": false}"#, ["personalization=false"]),
      (#"{"categoryPreferences": {"Advertising": true, "C0002": false}}"#, ["advertising=true", "c0002=false"]),
      (#"{"categoryPreferences": {}}"#, ["personalization=false"]),
      (
        #"{"categoryPreferences": {"a": true}, "provider": "OneTrust", "personalization": false}"#,
        ["a=true", "personalization=false"]
      ),
      ("false", ["personalization=false"]), ("true", ["personalization=true"]), ("null", []), ("{}", []), ("[]", []),
      (#"{"personalization": null}"#, []),
    ] as [(String, [String])])
  func `consent comes by purpose, in the context, a trait, or a call of its own`(consent: String, expected: [String])
    throws
  {
    let inContext = try read(
      #"{"userId": "u", "event": "e", "context": {"consent": \#(consent)}, "timestamp": "2026-03-01T11:00:00Z"}"#,
      as: .track)
    #expect(statements(inContext) == expected)
    #expect(inContext.consent.allSatisfy { $0.at == noon - .seconds(3_600) })
    let asTrait = #"{"userId": "u", "groupId": "g", "traits": {"consent": \#(consent)}}"#
    #expect(statements(try read(asTrait, as: .identify)) == expected)
    #expect(statements(try read(asTrait, as: .group)) == [])
    guard !expected.isEmpty else { return }
    let call = try read(#"{"anonymous_id": "a", "purposes": \#(consent)}"#, as: .consent)
    #expect(statements(call) == expected)
    #expect(call.kind == .track)
    #expect(call.identifiers == [.anonymous("a")])
  }

  @Test(
    arguments: [
      (
        #"{"allowedConsentIds": ["Marketing"], "deniedConsentIds": ["personalization"], "provider": "custom"}"#,
        ["marketing=true", "personalization=false"]
      ),
      // As the browser library sends OneTrust's: ids with their names.
      (
        #"{"allowedConsentIds": {"C0001": "Functional"}, "deniedConsentIds": ["C0004"], "provider": "oneTrust"}"#,
        ["c0001=true", "c0004=false"]
      ),
      (#"{"deniedConsentIds": ["personalization"]}"#, ["personalization=false"]),
      (#"{"allowedConsentIds": [], "deniedConsentIds": [], "resolutionStrategy": "and"}"#, []),
      (#"{"allowedConsentIds": null}"#, []), ("{}", []), ("null", []),
    ] as [(String, [String])])
  func `the categories that RudderStack's libraries name are purposes`(management: String, expected: [String]) throws {
    let context = #""context": {"consentManagement": \#(management)}"#
    #expect(statements(try read(#"{"userId": "u", "event": "e", \#(context)}"#, as: .track)) == expected)
    #expect(statements(try read(#"{"userId": "u", \#(context)}"#, as: .page)) == expected)
  }

  @Test func `a category both allowed and denied is denied`() throws {
    let event = try read(
      #"{"userId": "u", "event": "e", "context": {"consentManagement": {"deniedConsentIds": ["personalization"], "allowedConsentIds": ["personalization"]}}}"#,
      as: .track)
    var consent = Consent()
    for statement in event.consent { consent.record(statement) }
    #expect(!consent.allows(.personalization, byDefault: .allowed))
  }

  @Test(arguments: [
    ("true", "context.consentManagement"),
    (#"{"deniedConsentIds": "all"}"#, "context.consentManagement.deniedConsentIds"),
    (#"{"allowedConsentIds": [7]}"#, "context.consentManagement.allowedConsentIds"),
  ])
  func `categories that cannot be read refuse the event`(management: String, field: String) throws {
    let rejection = try rejection(
      #"{"userId": "u", "event": "e", "context": {"consentManagement": \#(management)}}"#, as: .track)
    #expect(rejection.code == "wrong_type")
    #expect(rejection.field == field)
  }

  @Test func `consent is taken from context and trait alike`() throws {
    let event = try read(
      #"{"userId": "u", "traits": {"consent": {"a": true}}, "context": {"consent": {"b": false}}}"#, as: .identify)
    #expect(statements(event) == ["b=false", "a=true"])
  }

  @Test(arguments: [
    (#"{"personalization": "false"}"#, "wrong_type", "context.consent.personalization"),
    (#""no""#, "wrong_type", "context.consent"),
    ("0", "wrong_type", "context.consent"),
    (#"{"categoryPreferences": {"a": 0}}"#, "wrong_type", "context.consent.categoryPreferences.a"),
    (#"{"categoryPreferences": "none"}"#, "wrong_type", "context.consent.categoryPreferences"),
    (#"{"": true}"#, "too_long", "context.consent"),
  ])
  func `what looks like consent and cannot be read refuses the event`(consent: String, code: String, field: String)
    throws
  {
    let rejection = try rejection(#"{"userId": "u", "event": "e", "context": {"consent": \#(consent)}}"#, as: .track)
    #expect(rejection.code == code)
    #expect(rejection.field == field)
  }

  @Test func `an event speaks of at most a hundred purposes`() throws {
    func event(_ count: Int) -> String {
      let purposes = (0..<count).map { #""p\#($0)": true"# }.joined(separator: ",")
      return #"{"userId": "u", "event": "e", "context": {"consent": {\#(purposes)}}}"#
    }
    #expect(try read(event(100), as: .track).consent.count == 100)
    #expect(try rejection(event(101), as: .track).code == "too_many")
  }
}
