import Foundation
import TestKit
import Testing

@Suite("scripts/tell-failures")
struct TellFailuresTests {
  private static let script = Repository.root.appending(path: "scripts/tell-failures")

  @Test("a run of tests that does not end is shown, and stopped")
  func stops() async throws {
    let result = try await Program.run(Self.script, ["tail", "-f", "/dev/null"], environment: ["LIMIT_MINUTES": "0"])
    #expect([128 + SIGTERM, 128 + SIGKILL].contains(result.status))
    #expect(result.text.contains("── not ended after 0 minutes"))
    #expect(result.text.contains("tail -f /dev/null"))
  }

  @Test("what failed is told once more at the end, and the status is that of the command")
  func repeats() async throws {
    let tests = "echo '✘ Test a recorded an issue: b'; echo 'of no interest'; exit 3"
    let result = try await Program.run(Self.script, ["bash", "-c", tests])
    #expect(result.status == 3)
    #expect(result.text.components(separatedBy: "── what failed:").last?.contains("recorded an issue: b") == true)
  }
}
