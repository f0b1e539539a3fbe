// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  // The hot path crosses floors: without this every look at a catalogue column is a call that cannot be inlined.
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let logsInMemory = Target.Dependency.product(name: "InMemoryLogging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

func module(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

// Floors, lowest first (ARCHITECTURE.md). A module names modules of lower floors only; TidyTests hold it.
let modules: [Target] = [
  .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
  .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
  .systemLibrary(name: "CBLAS", providers: [.apt(["libopenblas-dev"])]),
  .systemLibrary(name: "CXGBoost", providers: [.apt(["libxgboost-dev"])]),
  module("Primitives"),
  module("Text"),
  .target(name: "CKernels"),
  .target(name: "CHNSW"),
  module("Mathematics", "CBLAS", "CHNSW", "CKernels"),
  module("Documents", "Primitives", yams),
  module("Governance", "Primitives"),
  module("Rules", "Primitives", "Documents"),
  module("Events", "Primitives", "Documents", "Governance"),
  module("Catalog", "Primitives", "Documents"),
  module("Profiles", "Primitives", "Governance", "Events"),
  module("Features", "Primitives", "Documents", "Rules", "Governance", "Events", "Catalog", "Profiles"),
  module(
    "Models", "Primitives", "Text", "Mathematics", "Events", "Catalog", "Features", "CKernels", "CXGBoost"),
  module("Experiments", "Primitives"),
  module(
    "Decisions", "Primitives", "Documents", "Mathematics", "Rules", "Governance", "Events", "Catalog", "Profiles",
    "Features", "Models"),
  module(
    "Engine", "Primitives", "Documents", "Mathematics", "Rules", "Governance", "Events", "Catalog", "Profiles",
    "Features", "Models", "Experiments", "Decisions", logging),
  module("Workspaces", "Primitives", "Governance", "CCrypto"),
  module("Interchange", "Primitives", "Documents"),
  module(
    "Learning", "Primitives", "Documents", "Mathematics", "Events", "Catalog", "Features", "Models", "Decisions",
    "Engine", logging),
  module(
    "HTTPAPI", "Primitives", "Documents", "Governance", "Events", "Catalog", "Decisions", "Engine", "Workspaces",
    "Learning", "CZlib", hummingbird, httpTypes, logging, nioCore, nioPosix, lifecycle),
  module("StorageMemory", "Primitives", "Governance", "Engine"),
  module("StorageSQLite", "Primitives", "Governance", "Engine", "CCrypto", grdb),
  .executableTarget(
    name: "attune",
    dependencies: [
      "Primitives", "Documents", "Mathematics", "Governance", "Models", "Engine", "Workspaces", "Interchange",
      "Learning",
      "HTTPAPI", "StorageMemory", "StorageSQLite", arguments, logging, nioCore, nioPosix, nioHTTP1, lifecycle, signals,
    ], swiftSettings: settings),
  module(
    "AttuneTestKit", "Primitives", "Governance", "Events", "Catalog", "Decisions", "Engine", "StorageMemory", logging),
]

let package = Package(
  name: "attune",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "attune", targets: ["attune"])],
  dependencies: [
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: modules + [
    tests("PrimitivesTests", "Primitives"),
    tests("TextTests", "Text"),
    tests("MathematicsTests", "Mathematics", "Primitives"),
    tests("DocumentsTests", "Documents", "Primitives"),
    tests("GovernanceTests", "Governance", "Primitives"),
    .testTarget(
      name: "RulesTests", dependencies: ["Rules", "Primitives"], exclude: ["Fixtures"], swiftSettings: settings),
    tests("EventsTests", "Events", "Documents", "Governance", "Primitives"),
    tests("CatalogTests", "Catalog", "Primitives"),
    tests("ProfilesTests", "Profiles", "Events", "Governance", "Primitives"),
    tests(
      "FeaturesTests", "Features", "Catalog", "Documents", "Events", "Governance", "Primitives", "Profiles", "Rules"),
    tests("ModelsTests", "Models", "Catalog", "Events", "Features", "Mathematics", "Primitives", "Text"),
    tests(
      "DecisionsTests", "Decisions", "Catalog", "Documents", "Events", "Features", "Models", "Primitives", "Profiles",
      "Rules"),
    tests(
      "EngineTests", "Engine", "AttuneTestKit", "Catalog", "Decisions", "Documents", "Events", "Features", "Governance",
      "Mathematics", "Models", "Primitives", "Profiles", "Rules", "StorageMemory", "StorageSQLite", grdb, logging),
    tests("WorkspacesTests", "Workspaces", "Governance", "Primitives", "StorageMemory"),
    tests("InterchangeTests", "Interchange", "Documents", "Primitives"),
    tests(
      "LearningTests", "Learning", "AttuneTestKit", "Catalog", "Decisions", "Documents", "Engine", "Events", "Features",
      "Mathematics", "Models", "Primitives", "Profiles", "StorageMemory", "StorageSQLite", logging),
    tests(
      "HTTPAPITests", "HTTPAPI", "AttuneTestKit", "Catalog", "Decisions", "Documents", "Engine", "Events", "Governance",
      "Learning", "Primitives", "StorageMemory", "StorageSQLite", "Workspaces", httpTypes, logging, logsInMemory,
      nioCore, nioPosix, lifecycle),
    tests(
      "StorageTests", "AttuneTestKit", "Engine", "Governance", "Primitives", "StorageMemory", "StorageSQLite", grdb),
    tests("attuneTests", "attune", "Mathematics", "Primitives"),
    tests("TidyTests"),
    .testTarget(
      name: "EndToEndTests", dependencies: ["AttuneTestKit", "Primitives"], exclude: ["clients"],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
