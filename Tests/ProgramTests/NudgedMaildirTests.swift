import Foundation
import NudgeAPI
import TestKit
import Testing

@Suite("nudged and its Maildir") struct NudgedMaildirTests {
  @Test("SIGKILL in the middle of many deliveries leaves each mail as a whole or not at all, and none twice")
  func crash() async throws {
    try await withTemporaryFolder { folder in
      let yaml = "sender: { rate: 0 }\nshops: { default: { schedule: [20ms], from: a@shop.example } }\n"
      let outbox = folder.appending(path: "state/outbox/new")
      for round in 1...5 {
        let nudged = try await NudgedProgram(in: folder, yaml: yaml)
        for number in 1...40 {
          let event = #"{"checkout_id": "c-\#(round)-\#(number)", "email": "a\#(number)@x.example"}"#
          #expect(try await nudged.send(.post, "/checkout", event).status == 202)
        }
        _ = try await nudged.program.line(containing: "Mail is sent")
        nudged.program.signal(SIGKILL)
        await nudged.program.end()
        var ids: [Substring] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: outbox.path) {
          let mail = try String(contentsOf: outbox.appending(path: name), encoding: .utf8)
          let boundary = try #require(mail.firstMatch(of: /boundary="?([^"\n;]+)"?/)?.1)
          #expect(mail.hasSuffix("\n--\(boundary)--\n"), "\(name) is not whole")
          ids.append(try #require(mail.firstMatch(of: /\nMessage-ID: *(<[^>]+>)/)?.1))
        }
        #expect(!ids.isEmpty && Set(ids).count == ids.count)
      }
    }
  }
}
