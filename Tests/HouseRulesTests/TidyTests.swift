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

  static let banned: [(pattern: String, instead: String)] = [
    (#"\btry!"#, "throw, or trap with the reason"),
    (#"\bas!"#, "state the type"),
    (#"^\s*public\b|\bopen class\b"#, "`package` at walls"),
    (#"@unchecked Sendable|nonisolated\(unsafe\)"#, "a Mutex, an actor, or a value"),
    (#"\bmegaYield\b"#, "wait for the event"),
  ]

  @Test("nothing traps, leaks or races by construction")
  func bans() throws {
    for source in try Source.all(under: "Sources") {
      for (number, line) in source.code.enumerated() {
        for rule in Self.banned {
          let isClean = try Regex(rule.pattern).firstMatch(in: line) == nil
          #expect(isClean, "\(source.path):\(number + 1): \(line) – \(rule.instead)")
        }
      }
    }
  }

  @Test("time is read at the edge only")
  func clock() throws {
    let edges: Set = ["Sources/NudgeDaemon/Dispatch/SystemClock.swift", "Sources/nudgectl"]
    let reading = /\bDate\(\)|\bDate\.now\b|clock_gettime|gettimeofday|Date\(timeIntervalSinceNow/
    for source in try Source.all(under: "Sources") where !edges.contains(where: { source.path.hasPrefix($0) }) {
      let lines = source.code.filter { $0.contains(reading) }
      #expect(lines.isEmpty, "\(source.path) reads a clock: \(lines)")
    }
  }

  @Test("no test sleeps")
  func sleeps() throws {
    for source in try Source.all(under: "Tests") where !source.path.hasSuffix("/TidyTests.swift") {
      let lines = source.code.filter { $0.contains(/\b(sleep|usleep|nanosleep)\(|Task\.sleep|asyncAfter/) }
      #expect(lines.isEmpty, "\(source.path) sleeps: \(lines)")
    }
  }

  @Test("no leftovers, and no file named after a pattern", arguments: ["Sources", "Tests", "migrations"])
  func leftovers(folder: String) throws {
    for source in try Source.all(under: folder) {
      let name = source.path.split(separator: "/").last.map(String.init) ?? ""
      #expect(!name.contains(/Manager|Helper|Util|Misc|Common/), "\(source.path): name it after what it is")
      guard name != "TidyTests.swift" else { continue }
      let marks = source.lines.filter { $0.contains(/\b(TODO|FIXME|XXX|HACK)\b/) }
      #expect(marks.isEmpty, "\(source.path): \(marks)")
    }
  }
}
