import Foundation
import NudgeDomain
import TestKit
import Testing

@testable import NudgeStore

@Suite("Reading") struct ReadingTests {
  @Test("lists checkouts newest first, page by page, each once")
  func pages() async throws {
    try await withWorld { world in
      for number in 0..<25 { try await world.checkout("c-\(number)", email: "\(number)@example.com") }
      var seen: [String] = []
      var query = CheckoutQuery(limit: 10)
      repeat {
        let page = try await world.store.checkouts(query)
        seen += page.elements.map(\.checkout.latest.key.id)
        query.after = page.next
        try await world.checkout("later-\(seen.count)", email: "later@example.com")
      } while query.after != nil
      #expect(seen == (0..<25).reversed().map { "c-\($0)" })
    }
  }

  @Test("lists those checkouts that were asked for")
  func checkouts() async throws {
    try await withWorld { world in
      try await world.checkout("c-1")
      try await world.checkout("c-2", email: "Bob@example.com")
      try await world.checkout("c-3", shop: "other", email: "bob@example.com", isEmpty: true)
      func ids(_ query: CheckoutQuery) async throws -> [String] {
        try await world.store.checkouts(query).elements.map(\.checkout.latest.key.id)
      }
      #expect(try await ids(CheckoutQuery(email: " BOB@example.com")) == ["c-3", "c-2"])
      #expect(try await ids(CheckoutQuery(state: .open, shop: "default", email: "bob@example.com")) == ["c-2"])
      #expect(try await ids(CheckoutQuery(state: .cancelled)) == ["c-3"])
      #expect(try await ids(CheckoutQuery(shop: "other")) == ["c-3"])
      #expect(try await ids(CheckoutQuery(shop: "nobody")) == [])
    }
  }

  @Test("knows one checkout, with what became of it")
  func checkout() async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      let key = CheckoutKey(shop: "default", id: "c-1")
      let open = try #require(await world.store.checkout(key))
      #expect(open.checkout.latest.content == "mug" && open.createdAt == at(0) && open.nextReminderAt == at(30))
      #expect(open.closedAt == nil && open.closedBy == nil)
      try await world.order(checkoutID: "c-1", at: 5)
      let closed = try #require(await world.store.checkout(key))
      #expect(closed.checkout.state == .ordered && closed.closedAt == at(5) && closed.closedBy == "o-1")
      #expect(closed.changedAt == at(5) && closed.nextReminderAt == nil)
      #expect(try await world.store.checkout(CheckoutKey(shop: "other", id: "c-1")) == nil)
    }
  }

  @Test("lists those messages that were asked for, with their attempts")
  func messages() async throws {
    try await withWorld { world in
      for (index, outcome) in [Delivery.accepted, .refused, .unknown].enumerated() {
        try await world.checkout("c-\(index)", shop: "s-\(index)", email: "\(index)@example.com")
        try await world.settle(world.claimOne(at: 30), outcome, at: 30)
      }
      try await world.order(shop: "s-0", checkoutID: "c-0", at: 31)
      func ids(_ query: MessageQuery) async throws -> [Int64] {
        try await world.store.messages(query).elements.map(\.id)
      }
      #expect(try await ids(MessageQuery(states: [.dead, .unknown])) == [5, 3])
      #expect(try await ids(MessageQuery(states: [.dead])) == [3])
      #expect(try await ids(MessageQuery(states: [.scheduled], kind: .order)) == [7])
      #expect(try await ids(MessageQuery(email: "1@EXAMPLE.com")) == [4, 3])
      #expect(try await ids(MessageQuery(shop: "s-2", kind: .reminder)) == [6, 5])
      #expect(try await ids(MessageQuery(checkout: CheckoutKey(shop: "s-0", id: "c-0"))) == [7, 2, 1])
      #expect(try await ids(MessageQuery(reason: .ordered)) == [2])
      #expect(try await ids(MessageQuery(limit: 2, after: 5)) == [4, 3])
      let attempt = try #require(await world.store.message(3)?.attempts.first)
      #expect(attempt.outcome == "refused" && attempt.error == "550 no" && attempt.startedAt == at(30))
      #expect(try await world.store.message(1)?.attempts.first?.providerID == "p-1")
    }
  }

  @Test("shows the address that a mail went to, even if the shopper has another one now")
  func address() async throws {
    try await withWorld { world in
      world.policy.onChange = .keep
      try await world.checkout(at: 0)
      try await world.settle(world.claimOne(at: 30), .accepted, at: 30)
      try await world.checkout(email: "new@example.com", at: 31)
      #expect(try await world.store.message(1)?.email == "ann@example.com")
      #expect(try await world.store.message(2)?.email == "new@example.com")
    }
  }

  @Test("sums up without counting")
  func summary() async throws {
    try await withWorld { world in
      try await world.checkout("c-1", at: 0)
      try await world.checkout("c-2", email: "bob@example.com", at: 0)
      try await world.settle(try #require(await world.claim(at: 30, limit: 1).claims.first), .accepted, at: 30)
      try await world.order(checkoutID: "c-2", at: 31)
      try await world.order(checkoutID: "c-2", at: 31)
      let summary = try await world.store.summary(now: at(40))
      #expect(summary.checkoutsOpen == 1 && summary.checkoutsTotal == 2 && summary.sentTotal == 1)
      #expect(summary.messagesScheduled == 2 && summary.messagesSending == 0 && summary.eventsTotal == 4)
      #expect(summary.nextDueAt == at(31) && summary.oldestDueLag == .seconds(9 * 60) && !summary.paused)
      #expect(summary.databaseBytes > 0 && summary.walBytes > 0)
      try await world.expectTrueTally()
    }
  }

  @Test("people with sqlite3 read the views, times included")
  func views() async throws {
    try await withWorld { world in
      try await world.checkout("c-1", at: 0)
      try await world.checkout("c-2", email: "bob@example.com", at: 0)
      try await world.settle(try #require(await world.claim(at: 30, limit: 1).claims.first), .refused, at: 30)
      try await world.order(checkoutID: "c-2", at: 31)
      #expect(
        try await world.rows(
          "SELECT checkout_id, state, order_id, next_step, next_reminder_at, created_at FROM checkouts")
          == [
            "c-2|ordered|o-1|||2023-11-14T22:13:20.000Z",
            "c-1|open||2|2023-11-15T22:13:20.000Z|2023-11-14T22:13:20.000Z",
          ])
      #expect(
        try await world.rows("SELECT id, due_at, kind, step, state, shop, checkout_id, order_id, email FROM upcoming")
          == [
            "m-4|2023-11-14T22:44:20.000Z|order||scheduled|default|c-2|o-1|bob@example.com",
            "m-3|2023-11-15T22:13:20.000Z|reminder|2|scheduled|default|c-1||ann@example.com",
          ])
      #expect(
        try await world.rows("SELECT id, settled_at, state, reason, last_outcome, last_error FROM history")
          == [
            "m-2|2023-11-14T22:44:20.000Z|cancelled|ordered||",
            "m-1|2023-11-14T22:43:20.000Z|dead|refused|refused|550 no",
          ])
      #expect(
        try await world.rows("SELECT id, reason, attempts, checkout_id, last_error FROM dead_letters")
          == ["m-1|refused|1|c-1|550 no"])
    }
  }

  @Test("a backup is one sound file with all that was acknowledged; a file that is there is left alone")
  func backup() async throws {
    try await withWorld { world in
      for number in 0..<50 { try await world.checkout("c-\(number)", email: "\(number)@example.com") }
      let copy = world.path + ".copy"
      _ = try await world.store.backup(to: copy, now: at(0))
      let check = try await Program.run(
        URL(filePath: "/usr/bin/sqlite3"), [copy, "PRAGMA integrity_check; SELECT count(*) FROM checkouts"])
      #expect(check.text == "ok\n50\n")
      let store = world.store
      await #expect(throws: StoreError.self) { try await store.backup(to: copy, now: at(0)) }
      await #expect(throws: StoreError.self) {
        try await store.backup(to: "/no/such/folder/copy.db", now: at(0))
      }
      let restored = World(path: copy, store: try Store(path: copy, now: at(0)))
      #expect(try await restored.store.summary(now: at(0)).checkoutsOpen == 50)
      await restored.store.close()
    }
  }
}
