import Foundation
import GRDB
import NudgeDomain
import TestKit
import Testing

@testable import NudgeStore

@Suite("Group commit") struct GroupTests {
  @Test("verbs that queue up while another runs share one commit")
  func shared() async throws {
    try await withWorld { world in
      let store = world.store
      let before = store.commits
      let gate = Gate()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await store.writer.perform { (_) throws(StoreError) in gate.holdUntilOpened() }
        }
        await gate.reached()
        let world = world
        for number in 0..<100 { group.addTask { try await world.checkout("c-\(number)") } }
        await store.writer.untilQueued(100)
        gate.open()
        try await group.waitForAll()
      }
      #expect(store.commits - before == 2)
      #expect(try await store.summary(now: at(0)).checkoutsOpen == 100)
    }
  }

  @Test("a verb that fails halfway fails alone, and the others count once")
  func failing() async throws {
    try await withWorld { world in
      let results = try await together(in: world, verbs: (0..<10).map { Self.recording($0, fails: $0 == 5) })
      #expect(results.map { $0 == nil } == (0..<10).map { $0 != 5 })
      #expect(results[5] == .failed("halfway"))
      let page = try await world.store.checkouts(CheckoutQuery())
      #expect(page.elements.map(\.checkout.latest.key.id).reversed() == (0..<10).filter { $0 != 5 }.map { "c-\($0)" })
      try await world.expectTrueTally()
    }
  }

  private static func recording(_ number: Int, fails: Bool) -> Verb {
    let change = CheckoutChange(
      key: CheckoutKey(shop: "default", id: "c-\(number)"), email: "a@example.com", occurredAt: at(0), content: "")
    return { (session) throws(StoreError) in
      _ = try session.record(change, policy: ShopPolicy(), now: at(0))
      if fails { throw StoreError.failed("halfway") }
    }
  }

  @Test("an event that fails halfway within a batch fails alone")
  func failingEvent() async throws {
    try await withWorld { world in
      try await world.trigger("BEFORE INSERT ON message WHEN new.due_at = 0")
      let events = [at(0), Moment(milliseconds: -1_800_000), at(1)].enumerated().map { number, occurredAt in
        ShopEvent.checkout(
          CheckoutChange(
            key: CheckoutKey(shop: "default", id: "c-\(number)"), email: "a@example.com", occurredAt: occurredAt,
            content: ""))
      }
      let results = try await world.store.record(
        events, policies: world.policies, now: Moment(milliseconds: -1_800_000))
      #expect(results.map { (try? $0.get()) != nil } == [true, false, true])
      #expect(try await world.store.checkouts(CheckoutQuery()).elements.count == 2)
      try await world.expectTrueTally()
    }
  }

  @Test("a verb that refuses without having written costs nobody a second run")
  func refusing() async throws {
    try await withWorld { world in
      let runs = Counter()
      let counting: Verb = { (session) throws(StoreError) in
        runs.add()
        try session.meta.setPaused(false)
      }
      let refused: Verb = { (_) throws(StoreError) in throw .notFound }
      let results = try await together(in: world, verbs: [counting, refused])
      #expect(results == [nil, .notFound] && runs.value == 1)
    }
  }

  @Test("a lock that another program holds is waited for, and then a clear error")
  func busy() async throws {
    try await withWorld { world in
      try await world.store.writer.perform { (session) throws(StoreError) in session.setBusyTimeout(milliseconds: 1) }
      var configuration = Configuration()
      configuration.allowsUnsafeTransactions = true
      let other = try DatabaseQueue(path: world.path, configuration: configuration)
      try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
      let locked = world
      await #expect(throws: StoreError.busy) {
        try await locked.checkout()
      }
      try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
      try other.close()
      #expect(try await world.checkout().changed)
      #expect(world.store.failure == nil)
    }
  }
}

typealias Verb = @Sendable (Session) throws(StoreError) -> Void

/// Runs the verbs in one group; answers what each failed with.
private func together(
  in world: World, verbs: [Verb]
) async throws -> [StoreError?] {
  let writer = world.store.writer
  let gate = Gate()
  return await withTaskGroup(of: (Int, StoreError?).self) { group in
    group.addTask {
      try? await writer.perform { (_) throws(StoreError) in gate.holdUntilOpened() }  // it cannot fail
      return (-1, nil)
    }
    await gate.reached()
    for (index, verb) in verbs.enumerated() {
      group.addTask {
        do throws(StoreError) {
          try await writer.perform(verb)
          return (index, nil)
        } catch {
          return (index, error)
        }
      }
      await writer.untilQueued(index + 1)
    }
    gate.open()
    return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.dropFirst().map(\.1)
  }
}
