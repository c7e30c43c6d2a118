import Foundation
import NudgeAPI
import TestKit
import Testing

@Suite("The example events") struct ExampleEventTests {
  static let lines = Result {
    try String(contentsOf: Repository.root.appending(path: "examples/events.ndjson"), encoding: .utf8)
      .split(separator: "\n")
  }

  @Test("there are two hundred of them, and every one is valid")
  func valid() throws {
    let lines = try Self.lines.get()
    #expect(lines.count == 200)
    for (number, line) in lines.enumerated() {
      #expect(throws: Never.self, "line \(number + 1): \(line)") {
        try Event(line: [UInt8](line.utf8), now: Timestamp(milliseconds: 1_800_000_000_000))
      }
    }
  }
}
