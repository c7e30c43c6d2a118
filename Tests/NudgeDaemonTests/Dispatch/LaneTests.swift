import NudgeDomain
import NudgeMail
import NudgeStore
import Synchronization
import Testing

@testable import NudgeDaemon

@Suite("Lanes") struct LaneTests {
  /// Due reminders, many of them.
  private func remind(_ count: Int, in world: DispatchWorld) async throws {
    let events = (1...count).map { number in
      ShopEvent.checkout(
        CheckoutChange(
          key: CheckoutKey(shop: "default", id: "c-\(number)"), email: "c-\(number)@example.com", occurredAt: noon,
          content: "{}"))
    }
    _ = try await world.store.record(events, policies: world.policies, now: noon)
    world.clock.advance(by: .seconds(1_800))
  }

  private func order(_ id: String, in world: DispatchWorld) async throws {
    try await world.checkout(id, at: world.clock.now())
    _ = try await world.order("o-\(id)", closing: id)
  }

  @Test("an order message goes out next, however many reminders are due before it")
  func tenThousand() async throws {
    try await withDispatchWorld(rate: 14, maxInFlight: 100) { world in
      try await remind(10_000, in: world)
      try await world.tick()
      #expect(world.sender.letters.count == 14)
      try await order("late", in: world)
      world.clock.advance(by: .milliseconds(999))
      try await world.tick()
      #expect(world.sender.letters.count == 14, "the rate holds for orders as well")
      world.clock.advance(by: .milliseconds(1))
      try await world.tick()
      #expect(world.sender.letters.count == 28)
      #expect(world.sender.letters.map(\.recipient).firstIndex(of: "late@example.com") ?? .max >= 14)
      #expect(world.sender.letters.map(\.recipient).contains("late@example.com"), "it took the next token")
    }
  }

  @Test("order messages go out before reminders, of each the longest overdue first")
  func order() async throws {
    try await withDispatchWorld(rate: 1, maxInFlight: 4) { world in
      for (minute, id) in ["b", "a", "c"].enumerated() {
        try await world.checkout(id, at: noon.advanced(by: .seconds(60 * minute)))
      }
      world.clock.advance(by: .seconds(3_600))
      try await order("y", in: world)
      world.clock.advance(by: .seconds(1))
      try await order("x", in: world)
      for _ in 1...5 {
        try await world.tick()
        world.clock.advance(by: .seconds(1))
      }
      #expect(world.sender.letters.map { $0.recipient.prefix(1) } == ["y", "x", "b", "a", "c"])
    }
  }

  @Test("an order message goes out at once while as many reminders hang as may", arguments: [2, 3, 16, 64])
  func hanging(maxInFlight: Int) async throws {
    try await withDispatchWorld(maxInFlight: maxInFlight, script: { _ in nil }) { world in
      try await remind(3 * maxInFlight, in: world)
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await world.dispatcher.run() }
        var hanging: [HeldSender.HandOver] = []
        let reminders = maxInFlight - Room.reserved(of: maxInFlight)
        for _ in 1...reminders { hanging.append(await world.sender.next()) }
        try await order("late", in: world)
        world.dispatcher.alarm.ring(world.clock.now())
        let late = await world.sender.next()
        #expect(late.letter.recipient == "late@example.com")
        #expect(world.dispatcher.inFlight == reminders + 1)
        world.dispatcher.stop()
        for handOver in hanging + [late] { handOver.answer(.accepted(providerID: nil)) }
      }
    }
  }

  @Test("a small part of the hand-overs at a time is kept free for order messages, but never all of them")
  func reserved() {
    #expect([1, 2, 3, 8, 16, 100, 1_000].map(Room.reserved(of:)) == [0, 1, 1, 1, 2, 12, 125])
  }

  /// A sender whose reminders wait before they begin, as behind a connection that does not come about.
  private final class Slow: Sender {
    let inner = HeldSender { _ in .accepted(providerID: nil) }
    let gate = Mutex<[CheckedContinuation<Void, Never>]>([])

    func deliver(_ letter: Letter, mayLeave: @escaping @Sendable () -> Bool) async -> Delivery? {
      if letter.recipient.hasPrefix("c") {
        await withCheckedContinuation { continuation in gate.withLock { $0.append(continuation) } }
      }
      return await inner.deliver(letter, mayLeave: mayLeave)
    }

    func open() {
      for continuation in gate.withLock({ gate in
        defer { gate = [] }; return gate
      }) { continuation.resume() }
    }
  }

  @Test("reminders that have not begun hold no token against an order message, and the rate holds all the same")
  func overtaken() async throws {
    try await withDispatchWorld(rate: 2) { world in
      let slow = Slow()
      await world.dispatcher.replace(desk: world.dispatcher.desk, sender: slow)
      try await remind(2, in: world)
      try await withThrowingDiscardingTaskGroup { group in
        _ = try await world.dispatcher.tick(now: world.clock.now(), into: &group)
        while slow.gate.withLock({ $0.count }) < 2 { await Task.yield() }
        try await order("late", in: world)
        _ = try await world.dispatcher.tick(now: world.clock.now(), into: &group)
        while slow.inner.letters.isEmpty { await Task.yield() }
        slow.open()
      }
      #expect(slow.inner.letters.map(\.recipient.first) == ["l", "c"], "two in this second, the order before")
      let overtaken = try #require(
        await world.store.messages(MessageQuery(states: [.scheduled])).elements.first { $0.kind != .order })
      #expect(overtaken.dueAt == noon.advanced(by: .seconds(1_800)), "it keeps its place in the lane")
      #expect(overtaken.reason == .due)
      #expect(overtaken.attempts.map(\.outcome) == ["withdrawn"])
      world.clock.advance(by: .seconds(1))
      try await withThrowingDiscardingTaskGroup { group in
        _ = try await world.dispatcher.tick(now: world.clock.now(), into: &group)
        while slow.gate.withLock({ $0.isEmpty }) { await Task.yield() }
        slow.open()
      }
      #expect(slow.inner.letters.count == 3)
    }
  }

  @Test("what waits for room is looked at again when there is some, and not before")
  func again() async throws {
    try await withDispatchWorld(rate: 4) { world in
      try await remind(10, in: world)
      let start = world.clock.now()
      try await world.tick()
      #expect(try await world.tick() == start.advanced(by: .seconds(1)))
    }
    try await withDispatchWorld(maxInFlight: 4, script: { _ in nil }) { world in
      try await remind(10, in: world)
      try await withThrowingDiscardingTaskGroup { group in
        let again = try await world.dispatcher.tick(now: world.clock.now(), into: &group)
        #expect(again == nil)
        for _ in 1...3 { (await world.sender.next()).answer(.accepted(providerID: nil)) }
      }
    }
  }
}
