import Foundation
import TestKit
import Testing

/// What nudged tells the service manager is true at that moment.
@Suite("nudged and its service manager") struct NotifyTests {
  private func play(_ mode: String) async throws -> [String] {
    var words: [String] = []
    try await withTemporaryFolder { folder in
      let script = Repository.root.appending(path: "Tests/oracles/notified.py").path
      let result = try await Program.run(
        Repository.python, [script, mode, Repository.program("nudged").path, folder.path])
      words = result.text.split(separator: "\n").map(String.init)
    }
    return words
  }

  @Test("says READY when the first event is taken, not before")
  func ready() async throws {
    #expect(try await play("ready") == ["answered 202", "ended 0"])
  }

  @Test("says that it lives only while the writer gets through")
  func stuck() async throws {
    #expect(try await play("stuck") == ["silent", "beats again", "ended 0"])
  }

  @Test("asks for more patience while nothing happens, and for the usual one when something does")
  func rest() async throws {
    #expect(try await play("rest") == ["answered 202", "rests again", "ended 0"])
  }

  @Test("ends its rest with an event that the writer does not get to: the watchdog finds out as soon as ever")
  func wake() async throws {
    #expect(try await play("wake") == ["wakes", "ended 0"])
  }
}
