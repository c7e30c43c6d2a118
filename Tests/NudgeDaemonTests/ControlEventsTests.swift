import Foundation
import NudgeAPI
import NudgeDaemon
import NudgeDomain
import Testing

@testable import NudgeStore

@Suite("Streams of events")
struct ControlEventsTests {
  static func checkout(_ id: String) -> String {
    #"{"type": "checkout", "checkout_id": "\#(id)", "email": "\#(id)@example.com"}"#
  }

  @Test("a bad line is rejected alone, by its number; line ends and empty lines do not matter")
  func rejectsAlone() async throws {
    try await withControl { control in
      let lines = [
        Self.checkout("c-1") + "\r\n", "\n", "not JSON\n", Self.checkout("c-2") + "\n", "  \r\n",
        #"{"type": "refund"}"# + "\n", #"{"type": "order", "order_id": "o-1", "checkout_id": "c-1"}"#,
      ]
      let answer = try await control.stream(lines.joined())
      #expect(answer.status == 200)
      let reply = try EventsReply(json: answer.json)
      #expect(reply.accepted == 3)
      #expect(reply.rejected.map(\.line) == [3, 6])
      #expect(reply.rejected.map(\.problem.code) == [.malformed, .invalid])
      let first = try await control.store.checkout(CheckoutKey(shop: "default", id: "c-1"))
      #expect(first?.checkout.state == .ordered)
      #expect(first?.closedBy == "o-1")
      #expect(try await control.store.checkout(CheckoutKey(shop: "default", id: "c-2"))?.checkout.state == .open)
    }
  }

  @Test("a line that the store cannot take is rejected alone, and is not counted as accepted")
  func rejectsWhatFails() async throws {
    try await withControl { control in
      try await control.store.writer.perform { (session) throws(StoreError) in
        try Schema.execute(
          session.connection,
          """
          CREATE TRIGGER fault AFTER INSERT ON message WHEN new.checkout = 2 BEGIN SELECT raise(ABORT, 'fault'); END
          """)
      }
      let lines = ["c-1", "c-2"].map(Self.checkout) + [#"{"type": "order", "order_id": "o-1", "checkout_id": "c-1"}"#]
      let reply = try EventsReply(json: try await control.stream(lines.joined(separator: "\n")).json)
      #expect(reply.accepted == 2)
      #expect(reply.rejected.map(\.line) == [2])
      #expect(reply.rejected.map(\.problem.code) == [.internal])
      #expect(try await control.store.checkout(CheckoutKey(shop: "default", id: "c-1"))?.closedBy == "o-1")
      #expect(try await control.store.checkout(CheckoutKey(shop: "default", id: "c-2")) == nil)
    }
  }

  @Test("an empty stream is a stream", arguments: ["", "\n", "\r\n\r\n"])
  func takesNothing(lines: String) async throws {
    try await withControl { control in
      let answer = try await control.stream(lines)
      #expect(answer.text == #"{"accepted":0,"rejected":[]}"#)
    }
  }

  @Test("a line over the limit is rejected alone, and what follows it is taken")
  func rejectsHugeLine() async throws {
    try await withControl { control in
      let huge = #"{"type": "checkout", "metadata": ""# + String(repeating: "x", count: 3 << 20) + "\"}\n"
      let answer = try await control.stream(Self.checkout("c-1") + "\n" + huge + Self.checkout("c-2") + "\n" + huge)
      let reply = try EventsReply(json: answer.json)
      #expect(reply.accepted == 2)
      #expect(reply.rejected.map(\.line) == [2, 4])
      #expect(reply.rejected.map(\.problem.code) == [.tooLarge, .tooLarge])
    }
  }

  @Test("lines may be cut anywhere by the chunks that carry them")
  func takesChunks() async throws {
    try await withControl { control in
      let connection = try control.connection()
      await connection.send(
        "POST /events HTTP/1.1\r\nHost: n\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n")
      let first = #"{"type": "checkout", "checkout_id": "c-ü", "email": "ann@example.com"}"#
      let bytes = Array((first + "\r\n" + Self.checkout("c-2")).utf8)
      await connection.send(bytes.flatMap { Array("1\r\n".utf8) + [$0] + Array("\r\n".utf8) })
      await connection.send("0\r\n\r\n")
      let reply = try EventsReply(json: try await connection.answer().json)
      #expect(reply.accepted == 2)
      #expect(reply.rejected == [])
      #expect(try await control.store.checkout(CheckoutKey(shop: "default", id: "c-ü")) != nil)
    }
  }

  @Test("thousands of events are on disk at the answer, in batches, in their order")
  func takesMany() async throws {
    try await withControl { control in
      let count = 3_000
      let lines = (1...count).map { Self.checkout("c-\($0)") }.joined(separator: "\n")
      let reply = try EventsReply(json: try await control.stream(lines).json)
      #expect(reply.accepted == count)
      #expect(try await control.store.summary(now: HeldDaemon.start).checkoutsOpen == count)
      let page = try await control.store.checkouts(CheckoutQuery(limit: 1))
      #expect(page.elements.first?.checkout.latest.key.id == "c-\(count)")
    }
  }

  @Test("rejections beyond the listed ones are counted")
  func countsRejections() async throws {
    try await withControl { control in
      let reply = try await control.stream(String(repeating: "x\n", count: 10_007)).json
      #expect(reply["rejected"]?.array?.count == 10_000)
      #expect(reply["rejected_more"] == 7)
      #expect(reply["accepted"] == 0)
    }
  }

  @Test("a stream that breaks off keeps what was whole, and drops what was not")
  func breaksOff() async throws {
    try await withControl { control in
      let connection = try control.connection()
      await connection.send(
        "POST /events HTTP/1.1\r\nHost: n\r\nContent-Type: application/x-ndjson\r\nContent-Length: 5000\r\n\r\n"
          + Self.checkout("c-1") + "\n" + Self.checkout("c-2"))
      try await control.ringing(1)
      connection.finish()
      _ = await connection.end()
      #expect(try await control.store.checkout(CheckoutKey(shop: "default", id: "c-1")) != nil)
      #expect(try await control.store.checkout(CheckoutKey(shop: "default", id: "c-2")) == nil)
    }
  }

  @Test("an event is dated when it comes, however long ago the stream began")
  func datesEvents() async throws {
    try await withControl { control in
      let connection = try control.connection()
      await connection.send(
        "POST /events HTTP/1.1\r\nHost: n\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n")
      await connection.sendChunk(Self.checkout("c-1") + "\n")
      await control.daemon.ringing(1)
      let later = HeldDaemon.start.advanced(by: .seconds(86_400))
      control.daemon.set { $0.now = later }
      await connection.sendChunk(Self.checkout("c-2") + "\n")
      await connection.send("0\r\n\r\n")
      #expect(try await connection.answer().json["accepted"] == 2)
      let second = try await control.store.checkout(CheckoutKey(shop: "default", id: "c-2"))
      #expect(second?.checkout.latest.occurredAt == later)
    }
  }

  @Test("a stream recalls the reminders that its orders make unwanted")
  func recalls() async throws {
    try await withControl { control in
      _ = try await control.stream(Self.checkout("c-1"))
      let due = HeldDaemon.start.advanced(by: .seconds(1_800))
      let claim = try #require(try await control.store.claimDue(now: due, limit: 1, policies: Policies()).claims.first)
      _ = try await control.stream(#"{"type": "order", "order_id": "o-1", "checkout_id": "c-1"}"#)
      #expect(control.daemon.now.recalls == [[claim.messageID]])
    }
  }
}

extension ControlFixture {
  /// Waits until the dispatcher has been woken that often: then what woke it is on disk.
  func ringing(_ count: Int) async throws {
    await daemon.ringing(count)
  }
}
