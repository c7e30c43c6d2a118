import NudgeDomain
import NudgeMail
import Testing

@testable import NudgeDaemon
@testable import NudgeStore

@Suite("Dispatcher") struct DispatcherTests {
  @Test("a reminder goes out at its time, not a millisecond before")
  func onTime() async throws {
    try await withDispatchWorld { world in
      try await world.checkout("c-1")
      world.clock.advance(by: .milliseconds(1_799_999))
      #expect(try await world.tick() == noon.advanced(by: .seconds(1_800)))
      #expect(world.sender.letters.isEmpty)
      world.clock.advance(by: .milliseconds(1))
      #expect(try await world.tick() == nil)
      #expect(world.sender.letters.map(\.recipient) == ["c-1@example.com"])
      #expect(try await world.messages() == ["sent/sent"])
    }
  }

  @Test("what follows a hand-over wakes the dispatcher in time, however long it meant to sleep")
  func follows() async throws {
    try await withDispatchWorld(schedule: [.seconds(1_800), .seconds(1_840)]) { world in
      try await world.checkout("c-1")
      world.clock.advance(by: .seconds(1_800))
      #expect(try await world.tick() == nil, "there was nothing more to do when it looked")
      #expect(await world.isRung())
    }
  }

  @Test("told to stop, it claims nothing more")
  func stopped() async throws {
    try await withDispatchWorld { world in
      try await world.checkout("c-1")
      world.clock.advance(by: .seconds(1_800))
      world.dispatcher.stop()
      try await world.tick()
      #expect(world.sender.letters.isEmpty)
      #expect(try await world.messages() == ["scheduled/due"])
    }
  }

  @Test("the next one on the same store counts what the one before has just handed over")
  func successor() async throws {
    try await withDispatchWorld(rate: 2) { world in
      for id in 1...4 { try await world.checkout("c-\(id)") }
      world.clock.advance(by: .seconds(1_800))
      try await world.tick()
      #expect(world.sender.letters.count == 2)
      let next = Dispatcher(
        store: world.store, desk: world.dispatcher.desk, sender: world.sender, clock: world.clock, alarm: Alarm(),
        logger: .silent, jitter: { 0 })
      async let running: Void = next.run()
      #expect(await world.clock.sleepBegins() <= .seconds(1))
      next.stop()
      try await running
      #expect(world.sender.letters.count == 2, "a restart gives no fresh second")
    }
  }

  @Test("an outcome that the store cannot take just now is written once it can")
  func outcomeWaits() async throws {
    try await withDispatchWorld(script: { _ in nil }) { world in
      let clock = world.clock
      try await world.checkout("c-1")
      clock.advance(by: .seconds(1_800))
      let afterwards = Duration.seconds(1_000)
      let ticking = Task {
        try await world.tick()
        try? await clock.pass(afterwards)  // who waits for it to wait must not do so for ever
      }
      let handOver = await world.sender.next()
      try await world.execute("PRAGMA max_page_count = 1")  // the database has no room to grow
      handOver.answer(.deferred(.message, error: String(repeating: "no ", count: 100_000)))
      #expect(await clock.sleepBegins() == Dispatcher.hinderedRetry)
      #expect(try await world.messages() == ["sending/due"])
      try await world.execute("PRAGMA max_page_count = 1000000")
      clock.advance(by: Dispatcher.hinderedRetry)
      #expect(await clock.sleepBegins() == afterwards)
      #expect(try await world.messages() == ["scheduled/deferred"])
      clock.advance(by: afterwards)
      try await ticking.value
    }
  }

  @Test("a letter names its message and its attempt")
  func names() async throws {
    try await withDispatchWorld(script: { _ in .deferred(.message, error: "later") }) { world in
      try await world.checkout("c-1")
      world.clock.advance(by: .seconds(1_800))
      try await world.tick()
      world.clock.advance(by: .seconds(30))
      try await world.tick()
      let letters = world.sender.letters
      let attempts = letters.map { $0.attemptID.split(separator: "-").prefix(2).joined(separator: "-") }
      #expect(attempts == ["a-1", "a-2"])
      let ids = letters.map {
        String(decoding: $0.bytes, as: UTF8.self).firstMatch(of: /Message-ID: <(m1\.\w+@shop\.example)>/)?.1
      }
      #expect(ids.count == 2 && ids[0] != nil && ids[0] == ids[1])
    }
  }

  @Test("no more hand-overs at a time than configured, and whoever lands makes room")
  func bounded() async throws {
    try await withDispatchWorld(maxInFlight: 3, script: { _ in nil }) { world in
      for id in 1...3 { try await world.checkout("c-\(id)") }
      world.clock.advance(by: .seconds(1_800))
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await world.dispatcher.run() }
        let first = await world.sender.next()
        let second = await world.sender.next()
        #expect(world.dispatcher.inFlight == 2)
        #expect(world.sender.letters.count == 2)
        first.answer(.accepted(providerID: nil))
        let third = await world.sender.next()
        #expect(world.sender.letters.count == 3)
        second.answer(.accepted(providerID: nil))
        third.answer(.accepted(providerID: nil))
        world.dispatcher.stop()
      }
      #expect(try await world.messages() == ["sent/sent", "sent/sent", "sent/sent"])
    }
  }

  @Test("a hand-over that takes for ever delays nothing else")
  func slow() async throws {
    let script: @Sendable (Letter) -> Delivery? = {
      $0.recipient == "c-1@example.com" ? nil : .accepted(providerID: nil)
    }
    try await withDispatchWorld(maxInFlight: 3, script: script) { world in
      for id in 1...40 { try await world.checkout("c-\(id)") }
      world.clock.advance(by: .seconds(1_800))
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await world.dispatcher.run() }
        let slow = await world.sender.next()
        // The last one that is due comes through while the first still hangs.
        world.sender.answers { _ in nil }
        try await world.checkout("last", at: noon)
        world.dispatcher.alarm.ring(nil)
        var last = await world.sender.next()
        while last.letter.recipient != "last@example.com" {
          last.answer(.accepted(providerID: nil))
          last = await world.sender.next()
        }
        #expect(world.sender.letters.count == 41)
        last.answer(.accepted(providerID: nil))
        slow.answer(.accepted(providerID: nil))
        world.dispatcher.stop()
      }
    }
  }

  @Test("the rate holds over ticks, and the tick says when there is room again")
  func rate() async throws {
    try await withDispatchWorld(rate: 3) { world in
      for id in 1...7 { try await world.checkout("c-\(id)") }
      world.clock.advance(by: .seconds(1_800))
      let start = world.clock.now()
      try await world.tick()
      #expect(world.sender.letters.count == 3)
      #expect(try await world.tick() == start.advanced(by: .seconds(1)))
      world.clock.advance(by: .milliseconds(999))
      try await world.tick()
      #expect(world.sender.letters.count == 3)
      world.clock.advance(by: .milliseconds(1))
      try await world.tick()
      #expect(world.sender.letters.count == 6)
      world.clock.advance(by: .seconds(1))
      #expect(try await world.tick() == nil)
      #expect(world.sender.letters.count == 7)
    }
  }

  @Test("a cart that cannot be written is one dead letter and delays nothing")
  func poison() async throws {
    try await withDispatchWorld { world in
      try await world.checkout("c-1", content: #"{"name":"Ann\r\nBcc: eve@example.com"}"#)
      try await world.checkout("c-2")
      try await world.checkout("c-3", email: "nobody", content: "{}")
      try await world.checkout("c-4", content: "not even JSON")
      world.clock.advance(by: .seconds(1_800))
      try await world.tick()
      #expect(world.sender.letters.map(\.recipient) == ["c-2@example.com"])
      #expect(
        try await world.messages() == [
          "dead/render_failed", "sent/sent", "dead/render_failed", "dead/render_failed",
        ])
    }
  }

  @Test("after downtime one reminder goes out, the earlier ones are collapsed")
  func downtime() async throws {
    let schedule: [Duration] = [.seconds(60), .seconds(120), .seconds(180), .seconds(86_400)]
    try await withDispatchWorld(schedule: schedule) { world in
      try await world.checkout("c-1")
      world.clock.advance(by: .seconds(3_600))
      let next = try await world.tick()
      #expect(world.sender.letters.count == 1)
      #expect(next == nil || next == noon.advanced(by: .seconds(86_400)))
      #expect(
        try await world.messages() == ["skipped/collapsed", "skipped/collapsed", "sent/sent", "scheduled/due"])
    }
  }

  @Test("a store that cannot resolve an earlier run's hand-overs yet is asked again; nothing is claimed before")
  func troubledStart() async throws {
    try await withDispatchWorld { world in
      try await world.checkout("c-1")
      try await world.checkout("c-2")
      world.clock.advance(by: .seconds(1_800))
      _ = try await world.store.claimDue(now: world.clock.now(), limit: 1, policies: world.policies)
      try await world.execute(
        """
        CREATE TRIGGER trouble BEFORE UPDATE ON message WHEN old.state = 'sending'
        BEGIN SELECT raise(ABORT, 'no'); END
        """
      )
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await world.dispatcher.run() }
        #expect(await world.clock.sleepBegins() == .seconds(60))
        #expect(try await world.messages() == ["sending/due", "scheduled/due"])
        try await world.execute("DROP TRIGGER trouble")
        world.clock.advance(by: .seconds(60))
        while try await world.messages() != ["unknown/unknown", "sent/sent"] { await Task.yield() }
        world.dispatcher.stop()
      }
      #expect(world.sender.letters.count == 1)
    }
  }

  @Test("a pause holds everything, resuming sends it")
  func pause() async throws {
    try await withDispatchWorld { world in
      try await world.checkout("c-1")
      world.clock.advance(by: .seconds(1_800))
      try await world.store.setPaused(true, now: world.clock.now())
      #expect(try await world.tick() == nil)
      #expect(world.sender.letters.isEmpty)
      try await world.store.setPaused(false, now: world.clock.now())
      try await world.tick()
      #expect(world.sender.letters.count == 1)
    }
  }

  @Test("a reload changes the rules at once; what is in flight ends with the old sender, which is then shut down")
  func reload() async throws {
    try await withDispatchWorld(script: { _ in nil }) { world in
      try await world.checkout("c-1")
      world.clock.advance(by: .seconds(1_800))
      let new = HeldSender { _ in .accepted(providerID: nil) }
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await world.dispatcher.run() }
        let old = await world.sender.next()
        await world.dispatcher.replace(desk: world.dispatcher.desk, sender: new)
        #expect(world.sender.shutdowns == 0)
        old.answer(.accepted(providerID: nil))
        try await world.checkout("c-2")
        world.dispatcher.alarm.ring(nil)
        _ = await world.clock.sleepBegins()
        world.dispatcher.stop()
      }
      #expect(world.sender.shutdowns == 1)
      #expect(new.shutdowns == 1)
      #expect(world.sender.letters.count == 1)
    }
  }
}
