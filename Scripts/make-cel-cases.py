#!/usr/bin/env python3
"""Writes Tests/RulesTests/Fixtures/cel-cases.json: what a reference implementation of the Common Expression Language gives.

    python3 -m venv venv && venv/bin/pip install cel-expr-python==0.1.3 && venv/bin/python Scripts/make-cel-cases.py

The oracle is cel-expr-python (Google's C++ implementation); the type check is off, so that its results are those of evaluation.
Where Attune decides otherwise, the case says what Attune gives (`ours`) and why; the test holds both.
"""
import datetime
import importlib.metadata
import itertools
import json
import math
import pathlib

from cel_expr_python import cel

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOW = datetime.datetime(2026, 3, 1, 9, 30, 0, 250000, tzinfo=datetime.timezone.utc)
ENVIRONMENT = {
    "person": {
        "name": "Ada",
        "age": 36,
        "score": 0.75,
        "vip": True,
        "nothing": None,
        "tags": ["new", "sale", "größe"],
        "sizes": [38, 40, 42],
        "traits": {"plan": "pro", "city": "Köln", "last-order": "A-17", "address": {"zip": "50667"}},
        "mixed": [1, "1", 1.5, True, None],
    },
    "item": {"price": 12.5, "stock": 3, "categories": ["shoes", "outdoor"], "ratings": {"mean": 4.25, "count": 8}},
    "now": NOW,
    "since": datetime.datetime(2024, 2, 29, 23, 59, 59, tzinfo=datetime.timezone.utc),
}

LITERALS = r"""
1 | -1 | 0x1F | -0x1F | 9223372036854775807 | -9223372036854775808 | -9223372036854775809 | --5 | ---5 | 1.5 | .5 | 1e3 | 1E-3 | 2.5e+2 | -0.0
true | false | null | 'a' | "a" | '' | 'it\'s' | "say \"x\"" | '\a\b\f\n\r\t\v\?\`\\' | '\x41\X42\103\377' | '\u00e9\U0001F600'
r'\n' | R"\d+" | r'a\\b' | '''a'b''' | '''''' | [] | [1, 2, 3] | [1, 'a', true, null] | [[1], [2, 3]] | [1, 2,] | {} | {'a': 1}
{'a': 1, 'b': [2]} | {'a': 1,} | 'größe' | '日本' | '\'' | "'" | '"' | 1u | b'x' | '\q' | '\ud800' | '\U00110000' | '\8' | 'a | 5. | 1.e3
99999999999999999999 | 0x | 1a | 'a' 'b' | `a` | 1 = 1 | true & false | if | (1 | 1) | [1 | {1 | | () | 1 2 | a b | // | 1 // one | 1 /* */
1 + // and\n2
"""

OPERATORS = r"""
1 + 2 * 3 | (1 + 2) * 3 | 2 * 3 % 4 | 10 - 4 - 3 | 100 / 10 / 5 | -7 / 2 | -7 % 2 | 7 % -2 | 5 / 0 | 5 % 0 | 5.0 / 0.0 | -5.0 / 0.0
9223372036854775807 + 1 | -9223372036854775808 - 1 | 9223372036854775807 * 2 | -9223372036854775808 / -1 | -9223372036854775808 % -1
-(-9223372036854775808) | 1.5 + 2.5 | 1.5 * 2.0 | 1.0 - 0.1 | 7.5 / 2.5 | 5.5 % 2.0 | 1 + 1.0 | 'a' + 'b' | 'a' + 1 | [1] + [2, 3] | [] + []
-item.price | -item.stock | -'a' | -person.vip | 1 - 'a' | true + true | null + null | {'a': 1} + {'b': 2} | 'a' * 2
item.price * 2.0 | item.price * 2 | item.stock + 1 | item.price + person.name | - 5 + 3 | -(5 + 3) | 2 - -2 | 2--2
1 < 2 | 2 <= 2 | 3 > 4 | 4 >= 4 | 1 == 1 | 1 != 1 | 'a' < 'b' | 'a' < 'B' | 'a' < 'aa' | 'Z' < 'a' | 'z' < 'é' | 'ｚ' < '😀' | '' < 'a'
false < true | true < false | 1.5 > 1.25 | person.age < 'x' | person.age == 'x' | person.age != 'x' | null < null | null == null
person.nothing == null | person.name == null | person.nothing != null | [1] < [2] | [1, 2] == [1, 2] | [1, 2] == [2, 1]
[1, 2] == [1] | [] == [] | {'a': 1} == {'a': 1} | {'a': 1} == {'a': 2} | {'a': 1, 'b': 2} == {'b': 2, 'a': 1} | {} == {}
dyn(1) == 1.0 | dyn(1) == 1.5 | dyn(1) < 1.5 | dyn(2) < 1.5 | dyn(1.5) <= 2 | dyn(2.0) >= 2 | dyn([1, 2]) == [1.0, 2.0] | dyn({'a': 1}) == {'a': 1.0}
dyn(9007199254740993) > 9007199254740992.0 | dyn(9007199254740993) == 9007199254740992.0 | dyn(9223372036854775807) < 9223372036854775808.0
dyn(-9223372036854775808) == -9223372036854775808.0 | dyn(1) < 0.0 / 0.0 | 0.0 / 0.0 == 0.0 / 0.0 | 0.0 / 0.0 != 0.0 / 0.0 | 0.0 / 0.0 < 1.0
dyn(5) > 1.0 / 0.0 | dyn(5) > -1.0 / 0.0 | 0.0 == -0.0 | 'é' == 'é' | 'A' == 'a' | 1 < 2 == true | 1 == 1 == true | dyn('a') == 1 | dyn(true) == 1
person.vip == true | person.score >= 0.75 | person.score == 0.75 | item.stock == 3.0 | item.stock < 3.5 | item.price > 12
"""

LOGIC_ATOMS = ["true", "false", "1 / 0 == 1", "person.absent == 1"]
LOGIC = r"""
!true | !false | !!true | !!!true | !person.vip | !person.age | !1 | person.age && true | true && person.age | person.age || true | false && person.age
true ? 1 : 2 | false ? 1 : 2 | true ? 1 : 1 / 0 | false ? 1 / 0 : 2 | 1 / 0 == 1 ? 1 : 2 | person.age ? 1 : 2 | true ? false ? 1 : 2 : 3
false ? 1 : true ? 2 : 3 | true ? 1 : true ? 2 : 3 | false ? 1 : false ? 2 : 3 | (true ? false : true) ? 1 : 2 | true || false && false | (true || false) && false | !false && true | !(false && true)
person.vip && item.price < 50.0 && person.traits.plan == 'pro' | person.vip && item.price < 5.0 || item.stock > 0
true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && false
"""

MEMBERSHIP = r"""
1 in [1, 2] | 3 in [1, 2] | 'a' in ['a'] | 'A' in ['a'] | 1 in [] | dyn(1) in [1.0, 2.0] | dyn(1.0) in [1, 2] | null in [null] | 1 in [1, 'a'] | 'a' in [1, 'a']
'a' in {'a': 1} | 'b' in {'a': 1} | dyn(1) in {'a': 1} | [1] in [[1], [2]] | 1 in person.age | 'a' in person.name | 'new' in person.tags
person.name in ['Ada', 'Bob'] | person.name in ['Bob'] | person.age in person.sizes | 40 in person.sizes | 40.0 in person.sizes | !('x' in person.tags)
person.name in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'Ada', 'i'] | person.name in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
person.age in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'] | 'größe' in ['z', 'y', 'x', 'w', 'größe', 'v', 'u', 't', 's', 'r']
'plan' in person.traits | 'nope' in person.traits | 'last-order' in person.traits | 1.5 in person.mixed | 'b' in person.mixed | 1 in person.mixed | null in person.mixed
"""

FIELDS = r"""
person.name | person.age | person.vip | person.nothing | person.absent | person.traits.plan | person['name'] | person["traits"]['last-order']
person.traits['plan'] == 'pro' | person.traits.absent | person.traits.address.zip | person.absent.zip | person.name.zip | person.tags[0] | person.tags[2] | person.tags[3]
person.tags[-1] | person.tags[item.stock - 3] | person.tags[0.5] | person.tags['a'] | person.sizes[dyn(1.0)] | [1, 2, 3][1] | [1, 2, 3][3] | {'a': {'b': [7]}}.a.b[0]
{'a': 1}['a'] | {'a': 1}['b'] | {'a': 1}.b | person[person.name] | person['na' + 'me'] | item.ratings['mean'] | item.ratings[person.tags[0]] | person.mixed[1]
has(person.name) | has(person.absent) | has(person.nothing) | has(person.traits.plan) | has(person.traits.absent) | has({'a': 1}.a) | has({'a': 1}.b)
has(person.absent.deeper) | has(person.name.deeper) | has(person) | has(1) | has(person['name']) | has(person.absent) && person.absent == 1
!has(person.absent) || person.absent == 1 | has(person.traits.plan) && person.traits.plan == 'pro' | person.if | person.in | nobody | nobody.name | 1.name
"""

TEXT = r"""
'hello'.contains('ell') | 'hello'.contains('') | 'hello'.contains('elo') | 'größe'.contains('öß') | 'aaab'.contains('aab') | ''.contains('a') | ''.contains('')
'hello'.startsWith('he') | 'hello'.startsWith('') | 'he'.startsWith('hello') | 'hello'.endsWith('lo') | 'hello'.endsWith('') | 'lo'.endsWith('hello') | 'é'.endsWith('\u0301')
person.name.startsWith('A') | person.traits.city.endsWith('ln') | person.traits.plan.contains('r') | person.age.contains('3') | 'a'.contains(1) | person.absent.contains('a')
size('') | size('größe') | '日本'.size() | size('😀') | size([]) | [1, 2].size() | size({'a': 1}) | size(person.tags) | size(person.age) | size(null) | size(person.traits.city) == 4
"""

CONVERSIONS = r"""
int(1) | int(1.9) | int(-1.9) | int(1e18) | int(1e19) | int(-1e19) | int(0.0 / 0.0) | int('12') | int('-12') | int('+12') | int('1.5') | int('') | int('x') | int('9223372036854775808')
int(timestamp('2026-03-01T00:00:00Z')) | int(timestamp('1969-12-31T23:59:59Z')) | int(null) | int([]) | int(person.age) | int(item.price)
double(1) | double(1.5) | double('1.5') | double('-2e3') | double('x') | double('') | double(9223372036854775807) | double(null) | double(item.stock) / 2.0
string(1) | string(-1) | string(true) | string('a') | string(1.5) | string(5.0) | string(-0.0045) | string(123456.5) | string(1234567.5) | string(1000000.0) | string(1e-5) | string(0.0001)
string(1.0 / 3.0) | string(-0.0) | string(1e300) | string(100.0) | string(99999.0) | string(1e20) | string(null) | string([]) | string(item.price) | string(12345678.0)
string(timestamp('2026-03-01T09:30:00Z')) | string(timestamp('2026-03-01T09:30:00.250Z')) | string(timestamp('2026-03-01T09:30:00.000001+01:00'))
string(duration('90m')) | string(duration('1.5s')) | string(duration('-1ms')) | string(duration('1us')) | bool('true') | bool('False') | bool('1') | bool('yes') | bool(true) | dyn(1) | dyn('a')
"""

TIME = r"""
timestamp('2026-03-01T09:30:00Z') | timestamp('2026-03-01T09:30:00.123456Z') | timestamp('2026-03-01T09:30:00+02:00') | timestamp('2026-03-01T09:30:00-09:30') | timestamp('2026-03-01t09:30:00z')
timestamp('2026-02-29T00:00:00Z') | timestamp('2026-13-01T00:00:00Z') | timestamp('2026-03-01T25:00:00Z') | timestamp('2026-03-01') | timestamp('2026-03-01T09:30:00') | timestamp('2026-03-01 09:30:00Z')
timestamp('0001-01-01T00:00:00Z') | timestamp('9999-12-31T23:59:59Z') | timestamp('0000-12-31T00:00:00Z') | timestamp('') | timestamp('now') | timestamp(0) | timestamp(1234567890) | timestamp(253402300800) | timestamp(-62135596801)
timestamp(now) == now | now > timestamp('2026-01-01T00:00:00Z') | now == timestamp('2026-03-01T09:30:00.25Z') | now < since | now != since | now == null | now < 5 | now == 'x'
duration('90s') | duration('1h30m') | duration('-1.5h') | duration('250ms') | duration('15us') | duration('1h1m1s1ms') | duration('.5s') | duration('5.s') | duration('0') | duration('+5s') | duration('1d') | duration('') | duration('5') | duration('s') | duration('1h 5m') | duration('1m-5s') | duration('320000000000s')
duration('60s') == duration('1m') | duration('59s') < duration('1m') | duration('1h') != duration('60m') | duration('5s') == 5 | duration('5s') < 6
now + duration('1h') == timestamp('2026-03-01T10:30:00.25Z') | duration('1h') + now > now | now - duration('24h') < now | now - since > duration('720h') | since - now < duration('0s') | now - timestamp('2026-03-01T09:00:00Z')
duration('1h') + duration('30m') | duration('1h') - duration('90m') | now + now | duration('1h') - now | duration('1h') * 2 | -duration('1h') | now + 5 | timestamp('9999-12-31T23:59:59Z') + duration('1s') | timestamp('0001-01-01T00:00:00Z') - duration('1s')
timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z') | duration('200000000000s') + duration('200000000000s')
now.getFullYear() | now.getMonth() | now.getDayOfMonth() | now.getDate() | now.getDayOfWeek() | now.getDayOfYear() | now.getHours() | now.getMinutes() | now.getSeconds() | now.getMilliseconds() | since.getDayOfYear() | since.getDate() | since.getMonth()
timestamp('1969-12-31T23:59:59.999Z').getMilliseconds() | timestamp('1900-01-01T00:00:00Z').getDayOfWeek() | timestamp('2000-12-31T12:00:00Z').getDayOfYear() | timestamp('2026-02-28T23:30:00Z').getDate('+01:00')
now.getHours('+02:00') | now.getHours('-10:00') | now.getDate('-10:00') | now.getMinutes('+05:45') | now.getHours('02:00') | now.getHours('UTC') | now.getHours('') | now.getHours('nowhere') | since.getFullYear('+00:01') | since.getHours('+24:00')
duration('3730s').getHours() | duration('3730s').getMinutes() | duration('3730s').getSeconds() | duration('1.25s').getMilliseconds() | duration('-90s').getMinutes() | duration('1h').getDate() | duration('1h').getHours('+01:00') | now.getHours(1) | 'a'.getHours()
"""

MACROS = r"""
[1, 2, 3].all(x, x > 0) | [1, 2, 3].all(x, x > 1) | [].all(x, x > 1) | [1, 2].exists(x, x == 2) | [1, 2].exists(x, x == 3) | [].exists(x, true) | [1, 2, 2].exists_one(x, x == 2) | [1, 2].exists_one(x, x == 2) | [].exists_one(x, true)
[1, 2, 3].filter(x, x > 1) | [1, 2, 3].map(x, x * 2) | [1, 2, 3].map(x, x > 1, x * 2) | [].map(x, x) | [1, 2].map(x, [x].map(y, x + y)) | {'b': 1, 'a': 2}.exists(k, k == 'a') | {'a': 1, 'b': 2}.all(k, k < 'c') | size({'a': 1, 'b': 2}.map(k, k))
[0, 1].exists(x, 1 / x == 1) | [1, 0].exists(x, 1 / x == 1) | [0, 2].exists(x, 1 / x == 1) | [0, 1].all(x, 1 / x == 5) | [1, 0].all(x, 1 / x == 1) | [0, 1].exists_one(x, 1 / x == 1) | [0, 1].map(x, 1 / x) | [0, 1].filter(x, 1 / x == 1)
person.tags.exists(t, t.startsWith('s')) | person.tags.all(t, size(t) > 2) | person.sizes.filter(s, s > 39) | person.sizes.map(s, s + 1) == [39, 41, 43] | person.traits.exists(k, k == 'plan') | person.traits.all(k, person.traits[k] != '')
person.mixed.exists(x, x == '1') | person.mixed.exists(x, x > 1) | person.mixed.all(x, x != 'z') | person.age.exists(x, true) | person.absent.exists(x, true) | [1, 2].exists(x, x) | [true, false].exists(x, x) | ['a', 'b'].map(x, x + 'z') | [[1, 2], [3]].all(l, l.exists(x, x > 1))
[{'a': 1}, {'b': 2}].exists(m, has(m.b)) | [{'a': 1}, {}].map(m, has(m.a)) | [1, 2].map(person, person + 1) | item.categories.exists(c, c in ['shoes', 'bags']) | item.categories.filter(c, c in person.tags) == [] | ['z', 'y'].exists(x, x in person.tags || x == 'y')
"""


def tagged(value):
    """A value with its kind, in JSON."""
    if value is None:
        return {"null": None}
    if isinstance(value, bool):
        return {"bool": value}
    if isinstance(value, int):
        return {"int": value}
    if isinstance(value, float):
        return {"double": value if math.isfinite(value) else str(value)}
    if isinstance(value, str):
        return {"string": value}
    if isinstance(value, datetime.datetime):
        return {"timestamp": value.astimezone(datetime.timezone.utc).isoformat(timespec="microseconds")}
    if isinstance(value, datetime.timedelta):
        return {"duration": value // datetime.timedelta(microseconds=1)}
    if isinstance(value, list):
        return {"list": [tagged(element) for element in value]}
    if isinstance(value, dict):
        return {"map": {key: tagged(element) for key, element in value.items()}}
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": value.hex()}
    raise TypeError(f"{type(value)}")


DIFFERENCES = {
    "1u": ("error", "unsigned ints are not supported"),
    "b'x'": ("error", "bytes are not supported"),
    "now == 'x'": ("error", "the type check, which the oracle runs without, refuses what is never equal"),
    "duration('5s') == 5": ("error", "the type check, which the oracle runs without, refuses what is never equal"),
    "now.getHours('')": ("error", "not an offset"),
    "since.getHours('+24:00')": ("error", "not an offset"),
    "has(person.absent.deeper)": ({"bool": False}, "a chain of names is one field, missing as a whole"),
    "has(person.name.deeper)": ({"bool": False}, "a chain of names is one field, missing as a whole"),
    "dyn(9007199254740993) > 9007199254740992.0": (
        {"bool": True}, "the definition compares on one number line; the oracle rounds the int"),
    "dyn(9007199254740993) == 9007199254740992.0": (
        {"bool": False}, "the definition compares on one number line; the oracle rounds the int"),
    "dyn(9223372036854775807) < 9223372036854775808.0": (
        {"bool": True}, "the definition compares on one number line; the oracle rounds the int"),
}


def expressions():
    for block in (LITERALS, OPERATORS, LOGIC, MEMBERSHIP, FIELDS, TEXT, CONVERSIONS, TIME, MACROS):
        for line in block.strip().split("\n"):
            separator = " | " if " | " in line else "\n"
            for expression in line.split(separator):
                if expression.strip():
                    yield expression.strip().replace("// and\\n", "// and\n")
    for left, right in itertools.product(LOGIC_ATOMS, repeat=2):
        yield f"{left} && {right}"
        yield f"{left} || {right}"


def main():
    dynamic = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
    env = cel.NewEnv(variables={"person": dynamic, "item": dynamic, "now": cel.Type.TIMESTAMP, "since": cel.Type.TIMESTAMP})

    def evaluate(expression):
        try:
            value = env.compile(expression, disable_check=True).eval(data=ENVIRONMENT)
            plain = value.plain_value()
        except Exception:  # whatever the oracle refuses is an error of the case
            return "error"
        return "error" if value.type() == cel.Type.ERROR else tagged(plain)

    cases = []
    for expression in dict.fromkeys(expressions()):
        case = {"rule": expression, "gives": evaluate(expression)}
        if expression in DIFFERENCES:
            case["ours"], case["why"] = DIFFERENCES[expression]
        cases.append(case)
    unused = set(DIFFERENCES) - {case["rule"] for case in cases}
    idle = [case["rule"] for case in cases if case.get("ours") == case["gives"]]
    if unused or idle:
        raise SystemExit(f"differences that are none: {unused or idle}")
    version = importlib.metadata.version("cel-expr-python")
    fixture = {
        "oracle": f"cel-expr-python {version}",
        "script": "Scripts/make-cel-cases.py",
        "environment": {name: tagged(value) for name, value in ENVIRONMENT.items()},
    }
    head = json.dumps(fixture, ensure_ascii=False, indent=2)[:-2]
    lines = ",\n".join("    " + json.dumps(case, ensure_ascii=False) for case in cases)
    target = ROOT / "Tests/RulesTests/Fixtures/cel-cases.json"
    target.write_text(f'{head},\n  "cases": [\n{lines}\n  ]\n}}\n', encoding="utf-8")
    print(f"{len(cases)} cases")


if __name__ == "__main__":
    main()
