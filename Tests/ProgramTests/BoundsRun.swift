import Foundation
import NudgeAPI
import TestKit
import Testing

/// One run of hostile clients against the real daemon, and what another client noticed of it.
struct BoundsRun: Sendable {
  /// `NUDGED_BOUNDS=full` runs everything at its full size: `make test-bounds`.
  static let isFull = ProcessInfo.processInfo.environment["NUDGED_BOUNDS"] == "full"

  /// What nudged takes up at most, whatever clients do, without what is mapped from files; KiB.
  static let memory = 384 << 10
  /// And what is left of it when they are gone.
  static let memoryAfter = 256 << 10
  /// Descriptors that come and go by themselves: readers of the database, the log.
  static let spareDescriptors = 8

  struct Report: Decodable, Sendable {
    struct Other: Decodable, Sendable {
      var posts: Int
      var refused: Int
      var refusedWith: [String]
      var medianMs: Double
      var worstMs: Double
      var peakKib: Int
      var logKib: Int
    }
    struct Use: Decodable, Sendable {
      var kib: Int
      var descriptors: Int
    }
    var other: Other
    var before: Use
    var after: Use
  }

  var report: Report
  /// Checkouts that were open at the end.
  private(set) var kept = 0
  /// What nudged wrote.
  private(set) var log = ""
  private var text: String

  /// Runs the attack on a daemon of its own, and checks what must hold in each case.
  @discardableResult
  static func attack(_ name: String, _ size: Int) async throws -> BoundsRun {
    try await withNudged(orderMessage: "never", environment: ["NUDGED_LOG": "notice"]) { nudged in
      var run = try await BoundsRun(name, size, on: nudged)
      run.expectBounded(name)
      #expect(try await nudged.send(.get, "/healthz").status == 200)
      run.kept = try StatusReply(json: try JSON(parsing: Array(try await nudged.send(.get, "/status").body.utf8)))
        .counts.checkoutsOpen
      let end = await nudged.stop()
      #expect(end.status == 0)
      #expect(!end.errorText.contains(" error ") && !end.errorText.contains(" critical "), "\(end.errorText)")
      run.log = end.errorText
      return run
    }
  }

  init(_ name: String, _ size: Int, on nudged: NudgedProgram) async throws {
    let result = try await Program.run(
      Repository.python,
      [
        Repository.oracle("hostile").path, name, nudged.socket, String(nudged.program.processIdentifier), String(size),
      ], environment: ["NUDGECTL": Repository.program("nudgectl").path, "PYTHONDONTWRITEBYTECODE": "1"])
    try #require(result.status == 0, "\(name): \(result.text)\(result.errorText)")
    text = result.text
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    report = try decoder.decode(Report.self, from: result.output)
    print("bounds: \(text)", terminator: "")
  }

  private func expectBounded(_ name: String) {
    let other = report.other
    #expect(other.peakKib < Self.memory, "\(name) took memory")
    #expect(report.after.kib < Self.memoryAfter, "\(name) kept memory")
    #expect(other.posts > 0 && other.refused == 0, "another client was refused: \(other.refusedWith)")
    #expect(report.after.descriptors <= report.before.descriptors + Self.spareDescriptors, "\(name) kept descriptors")
  }

  /// What the attack itself saw, as JSON.
  var seen: [String: Any] {
    get throws {
      let whole = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
      return try #require(whole?["seen"] as? [String: Any])
    }
  }
}
