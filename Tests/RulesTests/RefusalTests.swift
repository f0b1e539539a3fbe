import Rules
import Testing

/// What a rule is refused for when it is loaded, and where.
@Suite struct RefusalTests {
  static func refusal(of source: String, expecting: RuleType = .dyn) -> String {
    do {
      _ = try Rule(parsing: source, expecting: expecting, schema: .shop)
      return "accepted"
    } catch {
      return error.description
    }
  }

  @Test(
    arguments: [
      ("", "1:1: the rule is empty"),
      ("  // nothing\n", "1:1: the rule is empty"),
      ("1 +", "1:4: a value expected, found the end"),
      ("(1", "1:3: ')' to close the parenthesis expected, found the end"),
      ("1 2", "1:3: an operator or the end expected, found '2'"),
      ("[1, 2", "1:6: ',' or ']' in the list expected, found the end"),
      ("[1 2]", "1:4: ',' or ']' in the list expected, found '2'"),
      ("{\"a\" 1}", "1:6: ':' after a key of the map expected, found '1'"),
      ("true ? 1", "1:9: ':' between the branches of '?' expected, found the end"),
      ("true ? false ? 1 : 2 : 3", "1:14: a '?' between '?' and ':' needs parentheses around it"),
      ("item.price = 5.0", "1:12: '=' is no operator; write '==' to compare"),
      ("item.is_new & true", "1:13: '&' is no operator; write '&&' for and"),
      ("item.is_new | true", "1:13: '|' is no operator; write '||' for or"),
      ("item.price < 5.0 €", "1:18: the character '€' has no meaning outside of a string"),
      ("'café' == 'a\nb'", "1:11: a string that does not end on its line"),
      ("'''a\nb", "1:1: a string that never ends"),
      ("'a\\qb'", "1:3: no such escape in a string; write \\\\ for a backslash"),
      ("'\\u12'", "1:2: this escape needs 4 hexadecimal digits"),
      ("'\\ud800'", "1:2: this escape names no character"),
      ("item.stock > 0 &&\n  item.prise < 5.0", "2:8: item.prise: no such field; did you mean 'price'?"),
      ("99999999999999999999", "1:1: 99999999999999999999 is no int: it does not fit 64 bits"),
      ("-9223372036854775809", "1:2: 9223372036854775809 is no int: it does not fit 64 bits"),
      ("9223372036854775808", "1:1: 9223372036854775808 is no int: it does not fit 64 bits"),
      ("1e999", "1:1: 1e999 is too large for a double"),
      ("12abc", "1:3: a number ends in 'a'"),
      ("if", "1:1: 'if' is a reserved word and names nothing"),
      (".person.id", "1:1: a leading '.' is not supported; write the name without it"),
      ("item.", "1:6: a name after '.' expected, found the end"),
      ("item.stock{}", "1:11: messages are not supported; a map is written {\"name\": value}"),
    ] as [(String, String)])
  func `a rule that cannot be read is refused at the place where reading ended`(source: String, expected: String) {
    #expect(Self.refusal(of: source) == expected)
  }

  @Test(
    arguments: [
      ("1u", "1:1: unsigned ints are not supported; write 1"),
      ("b'x'", "1:1: bytes are not supported; write a string without the 'b'"),
      ("item.`max load`", "1:6: backticks are not supported; write x[\"a name\"] for names with other characters"),
      ("type(1) == 1", "1:1: type() is not supported; compare the value itself"),
      ("item.id.matches('^m')", "1:9: matches() is not supported; write contains(), startsWith() or endsWith()"),
      (
        "item.id.lenght()",
        "1:9: lenght(): no such function; there are all, contains, endsWith, exists, exists_one, "
          + "filter, getDate, getDayOfMonth, getDayOfWeek, getDayOfYear, getFullYear, getHours, getMilliseconds, "
          + "getMinutes, getMonth, getSeconds, map, size, startsWith"
      ),
      ("item.id.startWith('m')", "1:9: startWith(): no such function; did you mean 'startsWith'?"),
      ("contains(item.id, 'm')", "1:1: write x.contains(…)"),
      ("item.id.int()", "1:9: write int(x) instead of x.int()"),
      ("{1: 'a'}", "1:2: keys of a map are strings, but '1' is an int"),
      (
        "now.getHours('Europe/Berlin')",
        "1:14: 'Europe/Berlin' is no fixed offset such as \"+02:00\"; names of zones "
          + "are not supported, the person's own hour and weekday are fields"
      ),
    ] as [(String, String)])
  func `what the language has and Attune does not is refused by name, with what to do`(source: String, expected: String)
  {
    #expect(Self.refusal(of: source) == expected)
  }

  @Test(
    arguments: [
      ("person.fetures.orders_30d > 3", "1:8: person.fetures.orders_30d: no such field; did you mean 'features'?"),
      (
        "person['fetures']['orders_30d'] > 3", "1:8: person.fetures.orders_30d: no such field; did you mean 'features'?"
      ),
      ("person.features.orders_30 > 3", "1:17: person.features.orders_30: no such field; did you mean 'orders_30d'?"),
      ("person.name == 'Ada'", "1:8: person.name: no such field; person has age, features, id, traits"),
      ("persn.id == 'u1'", "1:1: 'persn': no such name; did you mean 'person'?"),
      ("user.id == 'u1'", "1:1: 'user': no such name; there are context, item, now, person"),
      ("item.tags.exists(tag, tga == 'new')", "1:23: 'tga': no such name; did you mean 'tag'?"),
      ("item.tags.exists(tag, true) && tag == ''", "1:32: 'tag': no such name; there are context, item, now, person"),
      ("tag == 'new' && item.tags.exists(tag, true)", "1:1: 'tag': no such name; there are context, item, now, person"),
      ("person.age.years > 3", "1:12: person.age.years: no such field; person.age is an int"),
      ("person == 'u1'", "1:1: person is a group of fields; name one of age, features, id, traits"),
      ("has(person.features)", "accepted"),
      ("item.attributes.anything.at.all == 1", "accepted"),
      ("person.traits == {}", "accepted"),
      ("context.device == 'phone'", "accepted"),
    ] as [(String, String)])
  func `a field that is not declared is refused, with the nearest that is`(source: String, expected: String) {
    #expect(Self.refusal(of: source) == expected)
  }

  @Test(
    arguments: [
      ("item.price == 'low'", "1:12: 'item.price' is a double and ''low'' a string: they are never equal"),
      ("item.price < 'low'", "1:12: 'item.price' is a double and ''low'' a string: '<' cannot compare them"),
      ("item.is_new == 1", "1:13: 'item.is_new' is a bool and '1' an int: they are never equal"),
      ("item.tags == 'new'", "1:11: 'item.tags' is a list(string) and ''new'' a string: they are never equal"),
      (
        "item.tags < item.tags",
        "1:11: 'item.tags' is a list(string) and 'item.tags' a list(string): '<' cannot compare them"
      ),
      (
        "item.price * 2",
        "1:12: 'item.price' is a double and '2' an int: '*' does not mix them; write the int with a decimal "
          + "point, or double(…) around it"
      ),
      ("item.price % 2.0", "1:12: 'item.price' is a double and '2.0' a double: '%' cannot join them"),
      ("item.id - 'm'", "1:9: 'item.id' is a string and ''m'' a string: '-' cannot join them"),
      ("now + now", "1:5: 'now' is a timestamp and 'now' a timestamp: '+' cannot join them"),
      ("now < 5", "1:5: 'now' is a timestamp and '5' an int: '<' cannot compare them"),
      ("-item.id", "1:1: '-' belongs before a number, but 'item.id' is a string"),
      ("!item.stock", "1:2: '!' turns a condition around, but 'item.stock' is an int"),
      ("item.stock && true", "1:1: '&&' joins conditions, but 'item.stock' is an int"),
      ("true || item.id", "1:9: '||' joins conditions, but 'item.id' is a string"),
      ("item.stock ? 1 : 2", "1:1: '?' chooses by a condition, but 'item.stock' is an int"),
      ("true ? 1 : 'a'", "1:12: the branches of '?' differ: one is an int, the other a string"),
      (
        "true ? 2 : 1.5",
        "1:12: the branches of '?' differ: one is an int, the other a double; write both with a decimal point"
      ),
      ("5 in item.tags", "1:3: '5' is an int and 'item.tags' a list(string): it is never in there"),
      ("'a' in item.id", "1:5: ''a'' is a string and 'item.id' a string: 'in' looks into a list or a map"),
      (
        "5 in person.features.affinity",
        "1:3: '5' is an int and 'person.features.affinity' a map(string, double): keys of a map are strings"
      ),
      ("item.tags['a']", "1:11: item.tags.a: no such field; item.tags is a list(string)"),
      ("item.tags[1.5]", "1:11: the index of a list is an int, not a double"),
      ("item.id[0]", "1:9: 'item.id' is a string, which has no elements"),
      ("[1, 2].first", "1:8: '[1, 2]' is a list(int), which has no fields"),
      ("size(item.stock)", "1:1: size() of int: size() takes a string, a list or a map"),
      (
        "item.stock.getHours()",
        "1:12: getHours() of int: it belongs to a timestamp, and takes nothing or an offset such as "
          + "\"+02:00\", or to a duration"
      ),
      ("item.id.exists(x, true)", "1:9: exists() goes through a list or a map, but 'item.id' is a string"),
      ("item.tags.exists(x, 5)", "1:21: exists() needs a condition here, but '5' is an int"),
      (
        "item.tags.exists('x', true)",
        "1:11: exists() takes the name of a variable and a condition, such as "
          + "item.tags.exists(tag, tag == \"new\")"
      ),
      ("item.tags.exists(x, x == 5)", "1:23: 'x' is a string and '5' an int: they are never equal"),
      (
        "has(item)",
        "1:1: has() takes a selected field, such as has(person.traits.plan); for a name with other characters "
          + "write \"a name\" in person.traits"
      ),
      ("{'a': 1, 'a': 2}", "1:10: the map has 'a' already"),
      (
        "timestamp('yesterday') < now",
        "1:11: a string that does not convert: \"yesterday\" in 'timestamp('yesterday')'"
      ),
      ("now - item.published_at < duration('7d')", "1:36: a string that does not convert: \"7d\" in 'duration('7d')'"),
    ] as [(String, String)])
  func `parts whose types never fit are refused with both types`(source: String, expected: String) {
    #expect(Self.refusal(of: source) == expected)
  }

  @Test(
    arguments: [
      ("item.price", RuleType.bool, "1:1: a bool expected, but the rule gives a double"),
      ("item.stock", .double, "accepted"),
      ("item.price", .int, "1:1: an int expected, but the rule gives a double"),
      ("person.traits.vip", .bool, "accepted"),
      ("item.tags", .list(.string), "accepted"),
      ("item.tags", .list(.int), "1:1: a list(int) expected, but the rule gives a list(string)"),
    ] as [(String, RuleType, String)])
  func `a rule gives what its place expects`(source: String, expecting: RuleType, expected: String) {
    #expect(Self.refusal(of: source, expecting: expecting) == expected)
  }
}
