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
      let record = try await world.store.retry(message: 1, now: at(23 * 60))
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

  @Test("is not retried once an order, an empty cart or a change came")
  func movedOn() async throws {
    try await withDeadLetter { world in
      let store = world.store
      try await world.checkout(at: 31, content: "cup")
      await #expect(throws: StoreError.wrongState(.cancelled, .checkoutChanged)) {
        try await store.retry(message: 1, now: at(32))
      }
      try await world.checkout(at: 33, isEmpty: true)
      await #expect(throws: StoreError.wrongState(.cancelled, .checkoutCancelled)) {
        try await store.retry(message: 1, now: at(34))
      }
      try await world.order(checkoutID: "c-1", at: 35)
      await #expect(throws: StoreError.wrongState(.cancelled, .ordered)) {
        try await store.retry(message: 1, now: at(36))
      }
      #expect(try await world.store.message(1)?.state == .dead)
    }
  }

  @Test("retried and then ordered, is cancelled")
  func orderedAfterwards() async throws {
    try await withDeadLetter { world in
      _ = try await world.store.retry(message: 1, now: at(31))
      #expect(try await world.order(checkoutID: "c-1", at: 32).remindersCancelled == 2)
      #expect(try await world.claim(at: 33).claims.map(\.kind) == [.order])
    }
  }

  @Test("dropped, is given up for good")
  func drop() async throws {
    try await withDeadLetter { world in
      let record = try await world.store.drop(message: 1, now: at(40))
      #expect(record.state == .cancelled && record.reason == .dropped && record.settledAt == at(40))
      let store = world.store
      await #expect(throws: StoreError.wrongState(.cancelled, .dropped)) {
        try await store.retry(message: 1, now: at(41))
      }
    }
  }

  @Test("only dead and unknown messages are dead letters; others and none say so")
  func others() async throws {
    try await withDeadLetter { world in
      let store = world.store
      await #expect(throws: StoreError.wrongState(.scheduled, .due)) { try await store.drop(message: 2, now: at(40)) }
      await #expect(throws: StoreError.notFound) { try await store.retry(message: 99, now: at(40)) }
    }
  }

  @Test("an order message is retried whatever became of the checkout")
  func orderMessage() async throws {
    try await withWorld { world in
      try await world.checkout(at: 0)
      try await world.order(checkoutID: "c-1", at: 1)
      let claim = try await world.claimOne(at: 1)
      try await world.settle(claim, .refused, at: 1)
      #expect(try await world.store.retry(message: claim.messageID, now: at(2)).state == .scheduled)
      #expect(try await world.claimOne(at: 2).kind == .order)
    }
  }
}
