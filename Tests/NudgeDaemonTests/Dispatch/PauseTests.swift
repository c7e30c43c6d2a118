import NudgeAPI
import NudgeDomain
import NudgeStore
import Testing

@testable import NudgeDaemon

@Suite("Pausing and resuming", .timeLimit(.minutes(5))) struct PauseTests {
  /// Two that meet end in either order; so many times they do it in both.
  private static let meetings = 100

  private func door(to world: DispatchWorld) -> Door {
    let engine = Engine(
      store: world.store,
      surroundings: .init(world.dispatcher, clock: world.clock) { CheckReply(findings: []) },
      version: "1.2.3", startedAt: noon, logger: .silent)
    return Door(to: engine)
  }

  @Test("when a pause and a resumption meet, what is shown of the sender is what the store remembers")
  func meeting() async throws {
    try await withDispatchWorld(script: { _ in .deferred(.sender, error: "SendingPaused") }) { world in
      let door = door(to: world)
      try await world.checkout("c-1")
      world.clock.advance(by: .seconds(1_800))
      try await world.tick()
      for _ in 0..<Self.meetings {
        async let pause = door.ask("POST", "/pause")
        async let resumption = door.ask("POST", "/resume")
        #expect(await [pause.status, resumption.status] == [200, 200])
        let status = try StatusReply(json: try JSON(parsing: await door.ask("GET", "/status").body))
        #expect(try await status.paused == world.store.isPaused())
        #expect(status.sender.state == (status.paused ? .paused : .held))
      }
    }
  }

  @Test("a resumption wakes the dispatcher, which sleeps while sending is paused")
  func waking() async throws {
    try await withDispatchWorld { world in
      let door = door(to: world)
      try await world.checkout("c-1")
      world.clock.advance(by: .seconds(1_800))
      _ = await door.ask("POST", "/pause")
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await world.dispatcher.run() }
        _ = await world.clock.sleepBegins()
        #expect(world.sender.letters.isEmpty)
        _ = await door.ask("POST", "/resume")
        while world.sender.letters.isEmpty { await Task.yield() }
        world.dispatcher.stop()
      }
    }
  }
}
