// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that building the product never builds the benchmarks. `Sources/Primitives` is a link to the
// product's module.

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
]

let package = Package(
  name: "attune-benchmarks",
  targets: [
    .target(name: "CPolling"),
    .executableTarget(name: "load", dependencies: ["CPolling"], swiftSettings: settings),
    .target(name: "Primitives", swiftSettings: settings),
    .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),
    .executableTarget(name: "JSONBench", dependencies: ["Primitives", "CSimdJSON"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
