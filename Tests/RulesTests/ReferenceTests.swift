import Primitives
import Rules
import Testing

@Suite struct ReferenceTests {
  @Test func `every case gives what the reference implementation gives, but for the differences that are named`() throws
  {
    let fixture = try CelCases()
    #expect(fixture.cases.count > 500)
    for each in fixture.cases {
      let found: RuleValue?
      var reason = ""
      do {
        let rule = try Rule(parsing: each.rule, expecting: .dyn, schema: CelCases.schema)
        let result = rule.value(in: fixture.environment)
        found = result.value
        reason = "\(result)"
      } catch {
        found = nil
        reason = error.description
      }
      // Descriptions tell an int from a double and take NaN for itself.
      #expect(found?.description == each.gives?.description, "\(each.rule): \(reason)")
    }
  }
}
