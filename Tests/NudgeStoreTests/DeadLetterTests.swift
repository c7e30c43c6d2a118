import NudgeDomain
import Testing

@testable import NudgeStore

@Suite("Dead letters") struct DeadLetterTests {
  /// A checkout whose first reminder was refused.
  func withDeadLetter(_ body: (inout World) async throws -> Void) async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      try await world.settle(world.claimOne(at: 30), .refused, at: 30)
      try await body(&world)
    }
  }

  @Test("retried, goes out again whatever the time, its attempts counted anew, and plans no second successor")
  func retry() async throws {
    try await withDeadLetter { world in
      #expect(try await world.store.retry([1], now: at(23 * 60)) == [.done])
      let record = try #require(await world.store.message(1))
      #expect(record.state == .scheduled && record.reason == .retried && record.dueAt == at(23 * 60))
      let claim = try await world.claimOne(at: 23 * 60)
      #expect(claim.messageID == 1 && claim.attempt == 1)
      try await world.settle(claim, .deferred, at: 23 * 60)
      let again = try await world.claimOne(at: 23 * 60 + 59)
      #expect(again.messageID == 1 && again.attempt == 2)
      #expect(try await world.settle(again, .accepted, at: 23 * 60 + 59).nextDue == nil)
      #expect(try await world.story() == ["1 sent sent", "2 scheduled due"])
    }
  }

  @Test("is not retried once an order, an empty cart or a change came, but cancelled with that reason")
  func movedOn() async throws {
    for (reason, move) in [
      (Reason.checkoutChanged, { (world: World) in _ = try await world.checkout(at: 31, content: "cup") }),
      (.checkoutCancelled, { world in _ = try await world.checkout(at: 31, isEmpty: true) }),
      (.ordered, { world in _ = try await world.order(checkoutID: "c-1", at: 31) }),
    ] as [(Reason, (World) async throws -> Void)] {
      try await withDeadLetter { world in
        try await move(world)
        #expect(try await world.store.retry([1], now: at(32)) == [.unwanted(reason)])
        let record = try #require(await world.store.message(1))
        #expect(record.state == .cancelled && record.reason == reason && record.settledAt == at(32))
        #expect(try await world.store.retry([1], now: at(33)) == [.unfit(.cancelled, reason)], "once is enough")
        try await world.expectTrueTally()
      }
    }
  }

  @Test("of unknown fate, stays unknown when it is not wanted any more, because it may have arrived")
  func unknownMovedOn() async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      try await world.settle(world.claimOne(at: 30), .unknown, at: 30)
      try await world.order(checkoutID: "c-1", at: 31)
      #expect(try await world.store.retry([1], now: at(32)) == [.unwanted(.ordered)])
      #expect(try await world.store.message(1)?.state == .unknown)
    }
  }

  @Test("retried and then ordered, is cancelled")
  func orderedAfterwards() async throws {
    try await withDeadLetter { world in
      _ = try await world.store.retry([1], now: at(31))
      #expect(try await world.order(checkoutID: "c-1", at: 32).remindersCancelled == 2)
      #expect(try await world.claim(at: 33).claims.map(\.kind) == [.order])
    }
  }

  @Test("dropped, is given up for good")
  func drop() async throws {
    try await withDeadLetter { world in
      let answers = try await world.store.drop([1], now: at(40))
      #expect(answers == [.done])
      let record = try #require(await world.store.message(1))
      #expect(record.state == .cancelled && record.reason == .dropped && record.settledAt == at(40))
      #expect(try await world.store.retry([1], now: at(41)) == [.unfit(.cancelled, .dropped)])
    }
  }

  @Test("only dead and unknown messages are dead letters, and of them only those that are meant")
  func others() async throws {
    try await withDeadLetter { world in
      let answers = try await world.store.drop([2, 99, 1], from: [.unknown], now: at(40))
      #expect(answers == [.unfit(.scheduled, .due), .missing, .unfit(.dead, .refused)])
      #expect(try await world.store.retry([2], from: [.scheduled], now: at(40)) == [.unfit(.scheduled, .due)])
      #expect(try await world.story() == ["1 dead refused", "2 scheduled due"])
    }
  }

  @Test("many are retried in one commit, each answered for itself, and the counts hold")
  func many() async throws {
    try await withWorld { world in
      for number in 1...20 { try await world.checkout("c-\(number)", email: "\(number)@example.com") }
      for claim in try await world.claim(at: 30).claims { try await world.settle(claim, .refused, at: 30) }
      try await world.order(checkoutID: "c-7", at: 31)
      let dead = try await world.store.messages(MessageQuery(states: [.dead])).elements.map(\.id)
      let commits = world.store.commits
      let answers = try await world.store.retry(dead, now: at(32))
      #expect(world.store.commits == commits + 1)
      #expect(answers.count { $0 == .done } == 19 && answers.count { $0 == .unwanted(.ordered) } == 1)
      #expect(try await world.store.messages(MessageQuery(states: [.dead])).elements.isEmpty)
      try await world.expectTrueTally()
    }
  }

  @Test("are listed with the address that a retry would use, page by page, through the index of what needs attention")
  func addresses() async throws {
    try await withWorld { world in
      world.policy.onChange = .keep
      for number in 1...3 { try await world.checkout("c-\(number)", email: "\(number)@example.com") }
      for claim in try await world.claim(at: 30).claims { try await world.settle(claim, .refused, at: 30) }
      try await world.checkout("c-2", email: "new@example.com", at: 31)
      let query = MessageQuery(states: [.dead], reason: .refused, limit: 2)
      let first = try await world.store.addresses(query)
      #expect(first.elements.map(\.address) == ["3@example.com", "new@example.com"])
      let rest = try await world.store.addresses(
        MessageQuery(states: [.dead], reason: .refused, limit: 2, after: first.next))
      #expect(rest.elements.map(\.address) == ["1@example.com"] && rest.next == nil)
      let plan = try await world.store.readers.read { try query.plan($0) }
      #expect(plan.contains("message_attention") && !plan.contains("TEMP B-TREE"), "\(plan)")
    }
  }

  @Test("an order message is retried whatever became of the checkout")
  func orderMessage() async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      try await world.order(checkoutID: "c-1", at: 1)
      let claim = try await world.claimOne(at: 1)
      try await world.settle(claim, .refused, at: 1)
      #expect(try await world.store.retry([claim.messageID], now: at(2)) == [.done])
      #expect(try await world.claimOne(at: 2).kind == .order)
    }
  }
}
