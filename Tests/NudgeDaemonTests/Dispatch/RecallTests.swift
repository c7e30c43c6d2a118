import NudgeDomain
import NudgeMail
import NudgeStore
import Synchronization
import Testing

@testable import NudgeDaemon

@Suite("Recall") struct RecallTests {
  @Test("an order between claim and hand-over takes the reminder back: nothing is sent")
  func before() async throws {
    try await withDispatchWorld { world in
      try await world.checkout("c-1")
      world.clock.advance(by: .seconds(1_800))
      let claims = try await world.store.claimDue(now: world.clock.now(), limit: 10, policies: world.policies)
      let claim = try #require(claims.claims.first)
      let outfit = world.dispatcher.state.withLock { state in
        state.flights.add(claim.messageID)
        state.outfit.begin()
        return state.outfit
      }
      let receipt = try await world.order("o-1", closing: "c-1")
      #expect(receipt.inFlight == [claim.messageID])
      #expect(await world.dispatcher.recall(receipt.inFlight) == [claim.messageID])
      await world.dispatcher.handOver(claim, with: outfit, from: Draft())
      #expect(world.sender.letters.isEmpty)
      #expect(try await world.messages().first == "cancelled/ordered")
      #expect(world.dispatcher.inFlight == 0)
    }
  }

  @Test("an order during the hand-over comes too late for it, and says so")
  func during() async throws {
    try await withDispatchWorld(script: { _ in nil }) { world in
      try await world.checkout("c-1")
      world.clock.advance(by: .seconds(1_800))
      try await withThrowingDiscardingTaskGroup { group in
        _ = try await world.dispatcher.tick(now: world.clock.now(), into: &group)
        let handOver = await world.sender.next()
        let receipt = try await world.order("o-1", closing: "c-1")
        #expect(receipt.inFlight.count == 1)
        #expect(await world.dispatcher.recall(receipt.inFlight) == [])
        handOver.answer(.accepted(providerID: nil))
      }
      #expect(try await world.messages().first == "sent/sent")
    }
  }

  /// A sender whose way to the server is what the test says.
  private struct Way: Sender {
    var walk: @Sendable (_ mayLeave: @Sendable () -> Bool) async -> Delivery?

    func deliver(_ letter: Letter, mayLeave: @escaping @Sendable () -> Bool) async -> Delivery? {
      await walk(mayLeave)
    }
  }

  /// The order comes while the reminder is on its way to the server; tells how that ends.
  private func order(
    onTheWay walk: @escaping @Sendable (_ order: () async -> Int, _ mayLeave: @Sendable () -> Bool) async -> Delivery?
  ) async throws -> (recalled: Int?, message: String?) {
    try await withDispatchWorld { world in
      let recalled = Mutex<Int?>(nil)
      let way = Way { mayLeave in
        let order = { @Sendable () async -> Int in
          let inFlight = (try? await world.order("o-1", closing: "c-1"))?.inFlight ?? []
          let count = await world.dispatcher.recall(inFlight).count
          recalled.withLock { $0 = count }
          return count
        }
        return await walk(order, mayLeave)
      }
      try await world.checkout("c-1")
      world.clock.advance(by: .seconds(1_800))
      await world.dispatcher.replace(desk: world.dispatcher.desk, sender: way)
      // One claim: the message of the order would take the same way.
      try await withThrowingDiscardingTaskGroup { group in
        _ = try await world.dispatcher.tick(now: world.clock.now(), into: &group)
      }
      #expect(world.dispatcher.inFlight == 0)
      #expect(world.dispatcher.state.withLock { $0.flights.waiting } == 0)
      return (recalled.withLock { $0 }, try await world.messages().first)
    }
  }

  @Test("an order while the server has not been asked to take the reminder yet stops it")
  func onTheWay() async throws {
    let (recalled, message) = try await order { order, mayLeave in
      _ = await order()
      return mayLeave() ? .accepted(providerID: nil) : nil
    }
    #expect(recalled == 1)
    #expect(message == "cancelled/ordered")
  }

  @Test("an order once the server was asked to take the reminder comes too late")
  func tooLate() async throws {
    let (recalled, message) = try await order { order, mayLeave in
      let leaves = mayLeave()
      _ = await order()
      return leaves ? .accepted(providerID: nil) : nil
    }
    #expect(recalled == 0)
    #expect(message == "sent/sent")
  }

  @Test("a reminder that an order took back ends so, whatever the server says of it afterwards")
  func refusedOnTheWay() async throws {
    let (recalled, message) = try await order { order, _ in
      _ = await order()
      return .refused(error: "no such user")
    }
    #expect(recalled == 1)
    #expect(message == "cancelled/ordered")
  }

  @Test("a recall waits for a claim that is on disk and not known yet")
  func unknownClaim() async throws {
    try await withDispatchWorld { world in
      world.dispatcher.state.withLock { $0.isClaiming = true }
      async let recalled = world.dispatcher.recall([7])
      while world.dispatcher.state.withLock({ $0.waitingForClaims.isEmpty }) { await Task.yield() }
      let waiting = world.dispatcher.state.withLock { state in
        state.flights.add(7)
        state.isClaiming = false
        return state.waitingForClaims
      }
      for continuation in waiting { continuation.resume() }
      #expect(await recalled == [7])
    }
  }

  /// When hand-overs began and when orders were acknowledged, in one order.
  private final class Record: Sendable {
    private let events = Mutex<[String: Int]>([:])
    private let count = Atomic(0)

    func note(_ event: String) {
      let (_, number) = count.add(1, ordering: .sequentiallyConsistent)
      events.withLock { $0[event] = number }
    }

    subscript(event: String) -> Int? { events.withLock { $0[event] } }
  }

  /// A tick that claims reminders, and the orders that close their checkouts, at the same time.
  private func meet(_ ids: [String], in world: DispatchWorld, _ record: Record) async throws {
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await world.tick() }
      for id in ids {
        tasks.addTask {
          let receipt = try await world.order("o-\(id)", closing: id)
          let withdrawn = await world.dispatcher.recall(receipt.inFlight)
          if receipt.remindersCancelled > 0 || !withdrawn.isEmpty { record.note("kept \(id)@example.com") }
          if receipt.inFlight.count == withdrawn.count { record.note("ordered \(id)@example.com") }
        }
      }
      try await tasks.waitForAll()
    }
  }

  @Test("whatever the race, nothing is handed over after an acknowledged order")
  func race() async throws {
    let record = Record()
    let script: @Sendable (Letter) -> Delivery? = { letter in
      let text = String(decoding: letter.bytes.prefix(2_000), as: UTF8.self)
      if !text.contains("Thank") { record.note("begun \(letter.recipient)") }
      return .accepted(providerID: nil)
    }
    try await withDispatchWorld(maxInFlight: 64, script: script) { world in
      var ids: [String] = []
      for round in 1...40 {
        let group = (1...4).map { "c-\(round)-\($0)" }
        for id in group { try await world.checkout(id, at: world.clock.now()) }
        world.clock.advance(by: .seconds(1_800))
        try await meet(group, in: world, record)
        ids += group
      }
      for id in ids.map({ "\($0)@example.com" }) {
        guard let begun = record["begun \(id)"] else { continue }
        #expect(record["kept \(id)"] == nil, "a reminder that was taken back was handed over")
        if let ordered = record["ordered \(id)"] { #expect(begun < ordered, "handed over after the order") }
      }
    }
  }
}
