import Foundation
import NudgeDomain
import NudgeMail
import Testing

@testable import NudgeDaemon
@testable import NudgeStore

@Suite("A clock that changed while nobody looked") struct ClockStartTests {
  @Test("at start on the same boot, the jump is known, and a machine that shows 2099 mails nobody")
  func startSameBoot() async throws {
    try await withClockWorld { world in
      try await world.hears("a")
      try await world.tick()
      await world.dispatcher.keepClock()
      world.clock.advance(by: hour)
      world.clock.step(by: decades)
      let second = try await world.restarted()
      try await second.hears("b")
      try await second.tick()
      #expect(second.sender.letters.isEmpty)
      #expect(try await second.due("b") == noon.advanced(by: hour + halfHour))
      world.clock.step(by: .zero - decades)
      try await second.tick()
      #expect(second.recipients == ["a"])
    }
  }

  @Test("at start after a reboot, an outage is one, and 2099 is not", arguments: [(day * 6, true), (decades, false)])
  func startOtherBoot(outage: Duration, sends: Bool) async throws {
    try await withClockWorld(schedule: [halfHour, day * 6]) { world in
      try await world.hears("a")
      try await world.tick()
      await world.dispatcher.keepClock()
      world.clock.reboot(showing: noon.advanced(by: outage))
      let dispatcher = world.anotherDispatcher()
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await dispatcher.run() }
        _ = await world.clock.sleepBegins()
        dispatcher.stop()
      }
      #expect(world.recipients == (sends ? ["a"] : []))
      let skipped = try await world.messages().filter { $0.hasPrefix("skipped") }
      #expect(skipped.count == (sends ? 1 : 0))
    }
  }

  @Test("what was written after the clocks were kept is known, and a database without them believes the clock")
  func latestWritten() async throws {
    try await withClockWorld { world in
      var record = try await world.store.clock()
      #expect(record == nil)
      try await world.tick()
      world.clock.advance(by: .seconds(300))
      try await world.hears("a")
      record = try await world.store.clock()
      #expect(record?.reading.wall == noon && record?.latestWritten == noon.advanced(by: .seconds(300)))
    }
  }

  @Test("what is kept of the clocks is read as it was written")
  func kept() throws {
    let reading = Reading(wall: noon, uptime: booted)
    for record in [
      ClockRecord(reading: reading, boot: nil), ClockRecord(reading: reading, boot: "b-1", doubtedSince: noon),
    ] {
      #expect(ClockRecord(text: record.text) == record)
    }
    #expect(ClockRecord(text: "") == nil)
    #expect(ClockRecord(text: "x 1 - -") == nil)
  }
}
