import Foundation
import Testing

/// The house style, as far as a program can see it.
@Suite("Tidiness") struct TidyTests {
  static let fileLines = 300
  static let functionLines = 40

  @Test("no source file is longer than 300 lines", arguments: ["Sources", "migrations"])
  func files(folder: String) throws {
    for source in try Source.all(under: folder) {
      #expect(source.lines.count <= Self.fileLines + 1, "\(source.path) has \(source.lines.count - 1) lines")
    }
  }

  @Test("no function is longer than 40 lines")
  func functions() throws {
    for source in try Source.all(under: "Sources") {
      let long = source.longFunctions(over: Self.functionLines)
      #expect(long.isEmpty, "\(long)")
    }
  }

  static func rules() throws -> [Rule] {
    [
      try Rule(#"\btry!"#, hints: ["try!"], instead: "throw, or trap with the reason"),
      try Rule(#"\bas!"#, hints: ["as!"], instead: "state the type"),
      try Rule(#"^\s*public\b|\bopen class\b"#, hints: ["public", "open class"], instead: "`package` at walls"),
      try Rule(
        #"@unchecked Sendable|nonisolated\(unsafe\)"#, hints: ["@unchecked", "nonisolated"],
        instead: "a Mutex, an actor, or a value"),
    ]
  }

  @Test("nothing traps, leaks or races by construction")
  func bans() throws {
    let sources = try Source.all(under: "Sources")
    for rule in try Self.rules() {
      let violations = rule.violations(in: sources)
      #expect(violations.isEmpty, "\(violations)")
    }
  }

  @Test("time is read at the edge only")
  func clock() throws {
    let edges: Set = ["Sources/NudgeDaemon/Dispatch/SystemClock.swift", "Sources/nudgectl"]
    let rule = try Rule(
      #"\bDate\(\)|\bDate\.now\b|clock_gettime|gettimeofday|Date\(timeIntervalSinceNow"#,
      hints: ["Date", "gettime"], instead: "take `now` as an argument")
    let sources = try Source.all(under: "Sources").filter { source in !edges.contains { source.path.hasPrefix($0) } }
    let violations = rule.violations(in: sources)
    #expect(violations.isEmpty, "\(violations)")
  }

  @Test("no test sleeps")
  func sleeps() throws {
    let rule = try Rule(
      #"\b(sleep|usleep|nanosleep)\(|Task\.sleep|asyncAfter|megaYield"#,
      hints: ["sleep", "asyncAfter", "megaYield"], instead: "wait for the event")
    let violations = rule.violations(in: try Source.all(under: "Tests"))
    #expect(violations.isEmpty, "\(violations)")
  }

  @Test("no leftovers, and no file named after a pattern", arguments: ["Sources", "Tests", "migrations"])
  func leftovers(folder: String) throws {
    let marks = ["TODO", "FIXME", "XXX:", "HACK"]
    for source in try Source.all(under: folder) {
      let name = source.path.split(separator: "/").last.map(String.init) ?? ""
      #expect(!name.contains(/Manager|Helper|Util|Misc|Common/), "\(source.path): name it after what it is")
      guard name != "TidyTests.swift" else { continue }
      let lines = source.lines.filter { line in marks.contains { line.contains($0) } }
      #expect(lines.isEmpty, "\(source.path): \(lines)")
    }
  }
}
