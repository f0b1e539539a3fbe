// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that building the product never builds the benchmarks. `Sources/Primitives`, `CBLAS`,
// `CKernels`, `CXGBoost`, `Mathematics` and `Models` (its trained ones, and trees) are links to the product's modules.

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
    .systemLibrary(name: "CBLAS", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CXGBoost", providers: [.apt(["libxgboost-dev"])]),
    .target(name: "CKernels"),
    .target(name: "CHNSW"),
    .target(name: "Mathematics", dependencies: ["CBLAS", "CHNSW", "CKernels"], swiftSettings: settings),
    .target(
      name: "Models", dependencies: ["Mathematics", "Primitives", "CKernels", "CXGBoost"], swiftSettings: settings),
    .executableTarget(name: "trees", dependencies: ["Mathematics", "Models", "CXGBoost"], swiftSettings: settings),
    .executableTarget(name: "als", dependencies: ["Mathematics", "Models"], swiftSettings: settings),
    .executableTarget(name: "customers", dependencies: ["Mathematics", "Models", "Primitives"], swiftSettings: settings),
    .executableTarget(name: "experiment", dependencies: ["Primitives"], swiftSettings: settings),
    .executableTarget(name: "vectors", dependencies: ["Mathematics"], swiftSettings: settings),
    .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),
    .executableTarget(name: "JSONBench", dependencies: ["Primitives", "CSimdJSON"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
