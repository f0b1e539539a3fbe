import Documents
import Foundation
import Interchange
import Primitives
import Testing

@Suite struct ImportPlanTests {
  private func movieLens() throws -> ScratchFolder {
    let folder = try ScratchFolder()
    try folder.write("u.data", "196\t242\t3\t881250949\n186\t302\t3\t891717742\n")
    let flags = "0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0"
    try folder.write(
      "u.item", "1|Café Story (1995)|01-Jan-1995||http://x|\(flags)\n267|unknown||||1\(flags.dropFirst())\n",
      encoding: .isoLatin1)
    try folder.write("u.user", "1|24|M|technician|85711\n2|old|F|other|94043\n")
    return folder
  }

  @Test func `a MovieLens folder is catalogue, then people, then ratings`() throws {
    let folder = try movieLens()
    let plan = try ImportPlan(path: folder.path, options: ImportOptions())
    #expect(plan.steps.map(\.file) == ["u.item", "u.user", "u.data"])
    #expect(plan.steps.map(\.kind) == [.items, .events, .events])

    let movie = try #require(try records(of: plan.steps[0])[0].json)
    #expect(movie["item_id"] == "1")
    #expect(movie["title"] == "Café Story (1995)")
    #expect(movie["categories"] == ["Animation", "Children's", "Comedy"])
    #expect(movie["attributes"]?["released"] == "1995-01-01")

    let people = try records(of: plan.steps[1])
    #expect(people[0].json?["type"] == "identify")
    #expect(people[0].json?["traits"]?["age"] == 24)
    #expect(people[1].reason == "found 'old' as the age, expected a whole number")

    let rating = try #require(try records(of: plan.steps[2])[0].json)
    #expect(rating["event_type"] == "rating")
    #expect(rating["user_id"] == "196")
    #expect(rating["value"] == 3)
    #expect(rating["timestamp"] == "1997-12-04T15:55:49.000Z")
  }

  @Test func `the double colons of the larger MovieLens set are read too`() throws {
    let folder = try ScratchFolder()
    try folder.write("movies.dat", "1::Toy Story (1995)::Animation|Children's|Comedy\n")
    try folder.write("users.dat", "1::F::1::10::48067\n")
    try folder.write("ratings.dat", "1::1193::5::978300760\n")
    let plan = try ImportPlan(path: folder.path, options: ImportOptions())
    #expect(try records(of: plan.steps[0])[0].json?["categories"] == ["Animation", "Children's", "Comedy"])
    #expect(try records(of: plan.steps[1])[0].json?["traits"]?["occupation"] == "student")
    #expect(try records(of: plan.steps[2])[0].json?["value"] == 5)
  }

  @Test(arguments: [
    ("a.csv", "user_id,item_id,timestamp\nu,i,5\n"), ("a.tsv", "UserID\tItemID\ttime\nu\ti\t5\n"),
    ("a.csv", "visitorid;product_id;event_time\nu;i;5\n"),
  ])
  func `usual headers need no mapping`(name: String, text: String) throws {
    let folder = try ScratchFolder()
    let plan = try ImportPlan(path: try folder.write(name, text), options: ImportOptions())
    let json = try #require(try records(of: plan.steps[0])[0].json)
    #expect(json["user_id"] == "u")
    #expect(json["item_id"] == "i")
    #expect(json["timestamp"] == "1970-01-01T00:00:05.000Z")
  }

  @Test func `a table of items becomes a catalogue, other columns attributes`() throws {
    let folder = try ScratchFolder()
    let path = try folder.write(
      "items.csv",
      "item_id,title,price,available,categories,colour\na,\"Mug, blue\",9.5,yes,kitchen|gifts,blue\nb,,cheap,,,\n")
    var options = ImportOptions()
    options.kind = .items
    let found = try records(of: try ImportPlan(path: path, options: options).steps[0])
    #expect(
      found[0].json
        == [
          "item_id": "a", "title": "Mug, blue", "price": 9.5, "available": true, "categories": ["kitchen", "gifts"],
          "attributes": ["colour": "blue"],
        ])
    #expect(found[1].reason == "found 'cheap' in column 'price', expected a number")
  }

  @Test(
    arguments: [
      ("a.csv", "x,y\n1,2\n", nil, "which columns of"), ("a.xlsx", "", nil, "does not tell what it holds"),
      ("a.csv", "u,i\n1,2\n", "user=u,item=j", "there is no column 'j'"), ("a.csv", "", nil, "a.csv is empty"),
      ("a.tsv", "\n\n", "user=u,item=i", "a.tsv is empty"),
    ] as [(String, String, String?, String)])
  func `what cannot be imported is refused before anything is`(
    name: String, text: String, map: String?, reason: String
  ) throws {
    let folder = try ScratchFolder()
    let path = try folder.write(name, text)
    var options = ImportOptions()
    options.mapping = map
    let error = #expect(throws: (any Error).self) { try ImportPlan(path: path, options: options) }
    #expect(error.map { "\($0)".contains(reason) } == true)
  }

  private func records(of step: ImportStep) throws -> [ImportRecord] {
    var reader = try step.reader()
    var found: [ImportRecord] = []
    while let record = try reader.next() { found.append(record) }
    return found
  }
}
