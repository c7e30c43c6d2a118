import Foundation
import TestKit
import Testing

/// The walls of the house. SwiftPM does not keep undeclared imports out: transitive targets and C modules pass.
@Suite("Rooms") struct RoomTests {
  /// What each room may import, beside nothing.
  static let allowed: [String: Set<String>] = [
    "NudgeDomain": [],
    "NudgeStore": [
      "CStorage", "NudgeDomain", "Migrations", "GRDB", "GRDBSQLite", "Foundation", "Dispatch", "Synchronization",
      "Glibc",
    ],
    "NudgeMail": [
      "CResolver", "NudgeDomain", "AsyncHTTPClient", "Crypto", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL", "NIOTLS",
      "Subprocess",
      "SystemPackage", "Foundation", "Dispatch", "Synchronization", "Glibc",
    ],
    "NudgeAPI": ["AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOPosix", "Foundation", "Synchronization"],
    "NudgeDaemon": [
      "CClock", "NudgeAPI", "NudgeDomain", "NudgeMail", "NudgeStore", "HummingbirdCore", "HTTPTypes", "Logging",
      "NIOCore",
      "NIOPosix", "NIOHTTP1", "NIOHTTPTypes", "ServiceLifecycle", "Yams", "Foundation", "Dispatch", "Synchronization",
      "Glibc",
    ],
    "nudged": ["NudgeDaemon", "NudgeAPI", "nudgectl", "ArgumentParser", "Logging", "Foundation", "Dispatch", "Glibc"],
    "nudgectl": ["NudgeAPI", "ArgumentParser", "Foundation", "Glibc", "Synchronization"],
    "nudgectl-alone": ["nudgectl"],
  ]

  /// What C alone can say, each for one room; what the linker puts in, for none.
  static let inC: Set = ["CClock", "CResolver", "CStillness", "CStorage"]

  @Test("a room imports only what its row allows", arguments: allowed.keys.sorted())
  func imports(room: String) throws {
    let sources = try Source.all(under: "Sources/\(room)")
    #expect(!sources.isEmpty, "the room \(room) has no sources: has it moved?")
    let allowed = try #require(Self.allowed[room])
    for source in sources {
      let foreign = source.imports.filter { !allowed.contains($0) }
      #expect(foreign.isEmpty, "\(source.path) imports \(foreign): \(room) may not")
    }
  }

  @Test("every folder under Sources is a room with a row")
  func rooms() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Repository.root.appending(path: "Sources").path)
    #expect(Set(folders) == Set(Self.allowed.keys).union(Self.inC))
  }

  @Test("the migrations import nothing and hold no logic")
  func migrations() throws {
    for source in try Source.all(under: "migrations") {
      #expect(source.imports.isEmpty)
      let logic = ["func ", "if ", "for ", "while ", "switch "]
      #expect(!source.code.contains { line in logic.contains { line.contains($0) } }, "logic in \(source.path)")
    }
  }

  @Test("a library lives in one room, but for those that say why not")
  func libraries() throws {
    let shared: [String: String] = [
      "ArgumentParser": "both programs have a command line",
      "AsyncHTTPClient": "the mail room speaks to SES with it, the API room to the daemon's socket",
      "Logging": "the daemon logs, its program starts the logging",
    ]
    let libraries = Set(Self.allowed.values.joined()).subtracting(Self.ours).subtracting(Self.platform)
    for library in libraries.sorted() where shared[library] == nil {
      let rooms = try Self.allowed.keys.sorted().filter { room in
        try Source.all(under: "Sources/\(room)").contains { $0.imports.contains(library) }
      }
      #expect(rooms.count <= 1, "\(library) is imported by \(rooms)")
    }
  }

  private static let ours: Set = [
    "NudgeAPI", "NudgeDaemon", "NudgeDomain", "NudgeMail", "NudgeStore", "Migrations", "nudgectl",
  ]
  /// What comes with the system or carries bytes: a room that waits on a socket cannot do without.
  private static let platform: Set = [
    "Foundation", "Dispatch", "Synchronization", "Glibc", "SystemPackage", "NIOCore", "NIOPosix", "NIOHTTP1",
  ]

  @Test("SQL is written in the store only", arguments: allowed.keys.filter { $0 != "NudgeStore" }.sorted())
  func sql(room: String) throws {
    let words = ["SELECT ", "INSERT INTO ", "DELETE FROM ", "PRAGMA "]
    for source in try Source.all(under: "Sources/\(room)") {
      let lines = source.lines.filter { line in words.contains { line.contains($0) } }
      #expect(lines.isEmpty, "SQL in \(source.path): \(lines)")
    }
  }
}
