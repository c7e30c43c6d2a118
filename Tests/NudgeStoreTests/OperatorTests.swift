import NudgeDomain
import Testing

@testable import NudgeStore

@Suite("Operators") struct OperatorTests {
  static let ann = Operator(uid: 1000, gid: 100, pid: 77, name: "ann")
  private static let view = "SELECT at, user, uid, gid, pid, action, target, shop, checkout_id, result FROM operators"

  /// Two checkouts whose first reminders were refused: m-1 and m-2.
  private func withDeadLetters(_ body: (inout World) async throws -> Void) async throws {
    try await withWorld { world in
      try await world.checkout("c-1", at: 0)
      try await world.checkout("c-2", email: "bob@example.com", at: 0)
      for claim in try await world.claim(at: 30).claims { try await world.settle(claim, .refused, at: 30) }
      try await body(&world)
    }
  }

  @Test("who retried or dropped what, when, and what came of it is with the message, and in a view for people")
  func deadLetters() async throws {
    try await withDeadLetters { world in
      try await world.order(checkoutID: "c-2", at: 31)
      let answers = try await world.store.retry([1, 2, 99], by: Self.ann, now: at(32))
      #expect(answers == [.done, .unwanted(.ordered), .missing])
      #expect(try await world.store.drop([1], by: Operator(uid: 0, gid: 0, pid: 5), now: at(33)).count == 1)
      let actions = try #require(await world.store.message(1)).actions
      #expect(
        actions == [
          OperatorRecord(at: at(32), who: Self.ann, action: .init(.retry, message: 1)),
          OperatorRecord(
            at: at(33), who: Operator(uid: 0, gid: 0, pid: 5), action: .init(.drop, message: 1, result: "unfit")),
        ])
      #expect(try await world.store.message(2)?.actions.map(\.action.result) == ["ordered"])
      #expect(
        try await world.rows(Self.view) == [
          "2023-11-14T22:46:20.000Z||0|0|5|drop|m-1|default|c-1|unfit",
          "2023-11-14T22:45:20.000Z|ann|1000|100|77|retry|m-2|default|c-2|ordered",
          "2023-11-14T22:45:20.000Z|ann|1000|100|77|retry|m-1|default|c-1|done",
        ])
    }
  }

  @Test("so is who paused and resumed, and what changes nothing in the store")
  func others() async throws {
    try await withWorld { world in
      try await world.store.setPaused(true, by: Self.ann, now: at(0))
      try await world.store.setPaused(false, by: Self.ann, now: at(1))
      try await world.store.note(.init(.backup, target: "/b.db"), by: Self.ann, now: at(2))
      try await world.store.note(.init(.reload, result: "refused"), by: nil, now: at(3))
      #expect(
        try await world.rows("SELECT user, action, target, result FROM operators") == [
          "|reload||refused", "ann|backup|/b.db|done", "ann|resume||done", "ann|pause||done",
        ])
    }
  }

  @Test("is written with what was done, or neither is", arguments: OperatorVerb.allCases)
  func together(verb: OperatorVerb) async throws {
    try await withDeadLetters { world in
      try await world.trigger("BEFORE INSERT ON operator_action")
      let store = world.store
      await #expect(throws: StoreError.self) {
        switch verb {
        case .pause: try await store.setPaused(true, by: Self.ann, now: at(31))
        case .resume: try await store.setPaused(false, by: Self.ann, now: at(31))
        case .retry: _ = try await store.retry([1], by: Self.ann, now: at(31))
        case .drop: _ = try await store.drop([1], by: Self.ann, now: at(31))
        case .backup, .testSend, .reload, .acceptTime, .restored:
          try await store.note(.init(verb), by: Self.ann, now: at(31))
        }
      }
      #expect(try await world.store.isPaused() == false)
      #expect(try await world.store.message(1)?.state == .dead)
      try await world.expectTrueTally()
    }
  }

  @Test("only the newest rows stay")
  func bounded() async throws {
    try await withWorld { world in
      try await world.store.writer.perform { (session) throws(StoreError) in
        let table = try OperatorTable(session.connection, limit: 10)
        for number in 1...25 {
          try table.insert(.init(.backup, target: "\(number)"), by: nil, now: NudgeStoreTests.at(number))
        }
      }
      #expect(try await world.rows("SELECT count(*), max(target + 0), min(target + 0) FROM operators") == ["10|25|16"])
    }
  }
}
