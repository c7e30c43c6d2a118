import NudgeDomain
import Testing

@testable import NudgeDaemon

@Suite("Alarm") struct AlarmTests {
  let clock = HeldClock(noon)
  let alarm = Alarm()

  @Test("it wakes at the deadline")
  func deadline() async {
    async let waiting: Void = alarm.wait(until: noon.advanced(by: .seconds(5)), clock: clock)
    #expect(await clock.sleepBegins() == .seconds(5))
    clock.advance(by: .seconds(5))
    await waiting
  }

  @Test("a ring for an earlier moment wakes it, one for a later does not")
  func ring() async {
    async let waiting: Void = alarm.wait(until: noon.advanced(by: .seconds(5)), clock: clock)
    _ = await clock.sleepBegins()
    alarm.ring(noon.advanced(by: .seconds(6)))
    alarm.ring(noon.advanced(by: .seconds(5)))
    alarm.ring(noon.advanced(by: .seconds(4)))
    await waiting
    // The later rings were not kept: the next wait sleeps.
    async let next: Void = alarm.wait(until: noon.advanced(by: .seconds(9)), clock: clock)
    #expect(await clock.sleepBegins() == .seconds(9))
    alarm.ring(nil)
    await next
  }

  @Test("a ring while nobody sleeps is kept for the next sleep")
  func kept() async {
    alarm.ring(noon.advanced(by: .seconds(1)))
    await alarm.wait(until: nil, clock: clock)
    async let next: Void = alarm.wait(until: nil, clock: clock)
    _ = await clock.sleepBegins()
    alarm.ring(nil)
    await next
  }

  @Test("no sleep is longer than a minute, and none shorter without need")
  func longest() async {
    async let waiting: Void = alarm.wait(until: nil, clock: clock)
    #expect(await clock.sleepBegins() == .seconds(60))
    clock.advance(by: .seconds(60))
    await waiting
    async let day: Void = alarm.wait(until: clock.now().advanced(by: .seconds(86_400)), clock: clock)
    #expect(await clock.sleepBegins() == .seconds(60))
    clock.advance(by: .seconds(60))
    await day
  }

  @Test("where the clock's steps are told, it sleeps for ten minutes at most")
  func longestIfTold() async {
    async let waiting: Void = alarm.wait(until: nil, clock: clock, longest: Alarm.longestSleepIfTold)
    #expect(await clock.sleepBegins() == .seconds(600))
    alarm.ring(nil)
    await waiting
  }

  @Test("a deadline that has passed is no sleep")
  func passed() async {
    await alarm.wait(until: noon, clock: clock)
    await alarm.wait(until: noon.advanced(by: .seconds(-1)), clock: clock)
  }

  @Test("cancellation wakes it")
  func cancelled() async {
    let alarm = alarm
    let clock = clock
    let task = Task { await alarm.wait(until: nil, clock: clock) }
    _ = await clock.sleepBegins()
    task.cancel()
    await task.value
  }
}
