import Foundation
import TestKit
import Testing

@Suite(
  "nudged on a machine that has slept", .serialized,
  .enabled(if: Means.sleeps, "the kernel has no namespaces of time, or none for us")) struct UptimeTests
{
  @Test("the time that it slept counts as elapsed")
  func suspend() async throws {
    try await withScene(mail: .maildir) { scene in
      let before = try Self.uptime()
      let nudged = try scene.start(under: Means.slept, environment: ["NUDGED_EXIT_WHEN_IDLE": "1s"])
      let end = await nudged.end()
      #expect(end.status == 0, "\(end.errorText)")
      let sql = "SELECT value FROM meta WHERE name = 'clock'"
      let record = try await Program.run(URL(filePath: "/usr/bin/sqlite3"), ["-readonly", scene.database, sql]).text
      let kept = try #require(record.split(separator: " ").dropFirst().first.flatMap { Double($0) }) / 1_000
      let after = try Self.uptime()
      #expect((before + Means.sleptSeconds - 1...after + Means.sleptSeconds + 1).contains(kept))
    }
  }

  /// How long the machine has run outside, in seconds.
  private static func uptime() throws -> Double {
    let text = try String(contentsOfFile: "/proc/uptime", encoding: .utf8)
    return try #require(text.split(separator: " ").first.flatMap { Double($0) })
  }
}
