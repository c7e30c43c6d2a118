// swift-tools-version: 6.2
import PackageDescription

/// The strict settings every room is compiled with.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),  // SE-0335
  .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
  .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
  .treatAllWarnings(as: .error),
]

/// The migrations in the order they run. A house rule compares this list with the folder.
let migrations = ["v001-checkouts", "v002-lanes", "v003-operators", "v004-lighter"]

/// The built-in templates of mails: the layout, what it consists of, and what it says in each language.
let templates =
  ["subject.txt", "body.txt", "body.html"]
  + ["head.html", "top.html", "items.html", "button.html", "foot.html", "cart.txt", "foot.txt"]
  + ["en", "de", "fr", "es", "it", "nl"].map { "words-\($0).txt" }

/// How the programs are linked that are installed: smaller than usual, and with the C runtime inside.
let linking: [LinkerSetting] = [
  .unsafeFlags(
    [
      "-use-ld=lld", "-Xclang-linker", "-static-libgcc",
      "-Xlinker", "--icf=safe", "-Xlinker", "--no-export-dynamic", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
    ], .when(platforms: [.linux], configuration: .release))
]

/// What keeps a daemon with nothing to do asleep: see CStillness.
let stillness: [LinkerSetting] = [
  .unsafeFlags(
    ["register", "unregister"].flatMap { ["-Xlinker", "--wrap=_dispatch_workq_worker_\($0)"] },
    .when(platforms: [.linux], configuration: .release))
]

let package = Package(
  name: "nudged",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "nudged", targets: ["nudged"]),
    .executable(name: "nudgectl", targets: ["nudgectl-alone"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    // MARK: Rooms, from the middle outwards

    .target(name: "NudgeDomain", swiftSettings: strict),
    .target(
      name: "Migrations",
      path: "migrations",
      resources: migrations.map { .embedInCode("\($0).sql") },
      swiftSettings: strict
    ),
    .target(
      name: "NudgeStore",
      dependencies: [
        "CStorage",
        "NudgeDomain",
        "Migrations",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict
    ),
    .target(name: "CStorage", linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(name: "CClock"),
    .target(name: "CStillness"),
    .target(name: "CResolver", linkerSettings: [.linkedLibrary("resolv", .when(platforms: [.linux]))]),
    .target(
      name: "NudgeMail",
      dependencies: [
        "CResolver",
        "NudgeDomain",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      resources: templates.map { .embedInCode("Templates/\($0)") },
      swiftSettings: strict
    ),
    .target(
      name: "NudgeAPI",
      dependencies: [
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      swiftSettings: strict
    ),
    .target(
      name: "NudgeDaemon",
      dependencies: [
        "CClock",
        "NudgeAPI",
        "NudgeDomain",
        "NudgeMail",
        "NudgeStore",
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict
    ),

    // MARK: Programs

    .executableTarget(
      name: "nudged",
      dependencies: [
        "CStillness",
        "NudgeDaemon",
        "nudgectl",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict,
      linkerSettings: linking + stillness
    ),
    .target(
      name: "nudgectl",
      dependencies: [
        "NudgeAPI",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "nudgectl-alone", dependencies: ["nudgectl"], swiftSettings: strict, linkerSettings: linking),

    // MARK: Tests

    .target(
      name: "TestKit",
      dependencies: [.product(name: "Subprocess", package: "swift-subprocess")],
      path: "Tests/TestKit",
      swiftSettings: strict
    ),
    .target(name: "SimulationModel", path: "Tests/SimulationModel", swiftSettings: strict),
    .executableTarget(
      name: "nudge-simulate",
      dependencies: [
        "CDiskShim", "NudgeAPI", "NudgeDaemon", "NudgeDomain", "NudgeMail", "NudgeStore", "SimulationModel",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/Simulate",
      exclude: ["seeds.txt"],
      swiftSettings: strict
    ),
    .testTarget(name: "SimulationModelTests", dependencies: ["SimulationModel"], swiftSettings: strict),
    .target(
      name: "CDiskShim",
      path: "Tests/CDiskShim",
      cSettings: [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)],
      linkerSettings: [.linkedLibrary("sqlite3")]
    ),
    .testTarget(
      name: "HouseRulesTests", dependencies: ["TestKit"], exclude: ["migrations.sha256"], swiftSettings: strict),
    .testTarget(name: "NudgeDomainTests", dependencies: ["NudgeDomain"], swiftSettings: strict),
    .testTarget(
      name: "NudgeStoreTests",
      dependencies: [
        "NudgeStore", "NudgeDomain", "Migrations", "TestKit", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      exclude: ["Fixtures"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "NudgeMailTests",
      dependencies: ["NudgeMail", "NudgeDomain", "TestKit", .product(name: "Mustache", package: "swift-mustache")],
      exclude: ["Corpus", "Vectors"],
      swiftSettings: strict
    ),
    .testTarget(name: "NudgeAPITests", dependencies: ["NudgeAPI", "TestKit"], swiftSettings: strict),
    .testTarget(
      name: "NudgeDaemonTests",
      dependencies: [
        "CClock", "NudgeDaemon", "NudgeAPI", "NudgeDomain", "NudgeMail", "NudgeStore", "TestKit",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict
    ),
    .testTarget(
      name: "PowerLossTests",
      dependencies: [
        "CDiskShim", "NudgeStore", "NudgeDomain", "TestKit", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict
    ),
    .testTarget(
      name: "DisasterTests", dependencies: ["nudged", "nudgectl-alone", "NudgeAPI", "TestKit"], swiftSettings: strict),
    .testTarget(
      name: "FuzzTests",
      dependencies: [
        "NudgeAPI", "NudgeDaemon", "NudgeDomain", "NudgeMail", "TestKit",
        .product(name: "NIOCore", package: "swift-nio"),
      ],
      exclude: ["Corpus", "Found", "libfuzzer"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "ProgramTests",
      dependencies: ["nudged", "nudgectl-alone", "nudge-simulate", "NudgeAPI", "TestKit"],
      swiftSettings: strict
    ),
  ],
  swiftLanguageModes: [.v6]
)
