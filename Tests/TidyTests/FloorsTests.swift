import Testing

@Suite struct FloorsTests {
  @Test func `a module imports lower floors only, never sideways`() throws {
    let floors = Floors(parsing: try Project.text(of: "ARCHITECTURE.md"))
    for file in try Project.swiftFiles(under: "Sources") {
      guard let own = floors[file.target] else { continue }
      for line in file.lines {
        guard let module = Floors.importedModule(line), let other = floors[module] else { continue }
        #expect(other < own, "\(file.path) (floor \(own)) imports \(module) (floor \(other))")
      }
    }
  }

  /// `C…` are system libraries and kernels; AttuneTestKit is for tests.
  @Test func `every module has a floor`() throws {
    let floors = Floors(parsing: try Project.text(of: "ARCHITECTURE.md"))
    let modules = Set(try Project.swiftFiles(under: "Sources").map(\.target))
    for module in modules.sorted() where module != "AttuneTestKit" {
      #expect(floors[module] != nil, "ARCHITECTURE.md gives \(module) no floor")
    }
  }

  @Test func `only the highest floors touch databases and sockets`() throws {
    let floors = Floors(parsing: try Project.text(of: "ARCHITECTURE.md"))
    let outside = ["GRDB", "Hummingbird", "HummingbirdCore", "NIOCore", "NIOPosix", "NIOHTTP1", "FoundationNetworking"]
    for file in try Project.swiftFiles(under: "Sources") {
      guard let own = floors[file.target], own < 9 else { continue }
      for line in file.lines {
        guard let module = Floors.importedModule(line) else { continue }
        #expect(!outside.contains(module), "\(file.path) imports \(module)")
      }
    }
  }

  @Test func `libraries do not import the test kit`() throws {
    for file in try Project.swiftFiles(under: "Sources") where file.target != "AttuneTestKit" {
      #expect(!file.lines.contains { Floors.importedModule($0) == "AttuneTestKit" }, "\(file.path)")
    }
  }

  @Test func `floors are read as the page writes them`() {
    let page = """
      # Page
      ## Floors
      A module imports lower floors only.

      | floor | modules |
      |---|---|
      | 10 | attune |
      | 2 | Events, Catalog |

      ## Other
      | 1 | Ghost |
      """
    let floors = Floors(parsing: page)
    #expect(floors["attune"] == 10)
    #expect(floors["Catalog"] == 2)
    #expect(floors["modules"] == nil)
    #expect(floors["Ghost"] == nil)
  }

  @Test(
    arguments: [
      ("import Rules", "Rules"), ("public import Rules", "Rules"), ("import struct Rules.Rule", "Rules"),
      ("@preconcurrency import Rules", "Rules"), ("  imported Rules", nil), ("// import Rules", nil),
    ] as [(Substring, String?)])
  func `an import names its module`(line: Substring, module: String?) {
    #expect(Floors.importedModule(line) == module)
  }
}
