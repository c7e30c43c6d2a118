import NudgeDomain
import Testing

/// A made-up time and boot.
private let noon = Moment(milliseconds: 1_763_812_800_000)
private let hour = Duration.seconds(3_600)
private let year = Duration.seconds(365 * 86_400)

@Suite("Clock watch") struct ClockWatchTests {
  /// The clocks of a machine, and what watches them.
  private struct Machine {
    var wall = noon
    var uptime = Uptime(milliseconds: 50_000_000)
    var watch: ClockWatch

    init(_ policy: ClockPolicy = .standard) {
      watch = ClockWatch(Reading(wall: wall, uptime: uptime), policy: policy)
    }

    var reading: Reading { Reading(wall: wall, uptime: uptime) }

    var now: Moment { watch.now(at: uptime) }

    mutating func pass(_ duration: Duration) {
      wall = wall.advanced(by: duration)
      uptime = uptime.advanced(by: duration)
      watch.observe(reading)
    }

    mutating func set(by step: Duration) {
      wall = wall.advanced(by: step)
      watch.observe(reading)
    }

    /// Stops, and starts again with what was kept.
    mutating func restart(isSynchronised: Bool = false, _ between: (inout Machine) -> Void) {
      let record = watch.record(at: uptime, boot: "a")
      between(&self)
      watch = ClockWatch(reading, policy: watch.policy)
      watch.resume(from: record, reading, boot: "a", isSynchronised: isSynchronised)
    }

    /// The machine was off for that long, as far as its clock says.
    mutating func reboot(after outage: Duration, isSynchronised: Bool = false, latestWritten: Moment? = nil) {
      var record = watch.record(at: uptime, boot: "a")
      record.latestWritten = latestWritten
      wall = wall.advanced(by: outage)
      uptime = Uptime(milliseconds: 9_000)
      watch = ClockWatch(reading, policy: watch.policy)
      watch.resume(from: record, reading, boot: "b", isSynchronised: isSynchronised)
    }
  }

  @Test("time that passes is no step, suspend included, and neither is a clock that is slewed")
  func passing() {
    var machine = Machine()
    for duration in [Duration.seconds(1), hour, year] { machine.pass(duration) }
    for _ in 1...100 {
      machine.pass(.seconds(60))
      machine.set(by: .milliseconds(30))
      machine.set(by: .milliseconds(900))
    }
    #expect(machine.now == machine.wall)
    #expect(machine.watch.doubt == nil && machine.watch.takeSteps().isEmpty)
  }

  @Test(
    "a step back, and one ahead within the limit, is believed at once and told once", arguments: [-3_600, -5, 5, 600])
  func steps(seconds: Int) {
    var machine = Machine()
    machine.set(by: .seconds(seconds))
    #expect(machine.now == machine.wall)
    #expect(machine.watch.doubt == nil)
    #expect(machine.watch.takeSteps() == [.init(by: .seconds(seconds))])
    machine.pass(hour)
    #expect(machine.watch.takeSteps().isEmpty)
  }

  @Test("a jump beyond the limit is doubted, and the time goes on as if nothing had been")
  func jump() {
    var machine = Machine()
    machine.set(by: .milliseconds(600_001))
    #expect(machine.watch.doubt?.since == noon)
    #expect(machine.watch.doubt?.ahead == .milliseconds(600_001))
    machine.pass(hour)
    #expect(machine.now == noon.advanced(by: hour))
    #expect(machine.watch.takeSteps().isEmpty)
  }

  @Test("a clock that comes back ends the doubt, and nothing has happened", arguments: [0, 300, -7_200])
  func back(off: Int) {
    var machine = Machine()
    machine.set(by: year)
    machine.pass(hour)
    machine.set(by: .seconds(off) - year)
    #expect(machine.watch.doubt == nil && machine.watch.takeEnding() == .cameBack)
    #expect(machine.watch.takeEnding() == nil)
    #expect(machine.now == machine.wall)
    #expect(
      machine.watch.takeSteps() == (off == 0 ? [] : [.init(by: .seconds(off), during: noon...noon.advanced(by: hour))]))
  }

  @Test("a person may accept it: all that was written meanwhile is to move along")
  func accepted() {
    var machine = Machine()
    machine.set(by: year)
    machine.pass(hour)
    let accepts = machine.watch.accept(machine.reading)
    #expect(accepts)
    #expect(machine.now == machine.wall)
    #expect(machine.watch.takeEnding() == .accepted)
    #expect(machine.watch.takeSteps() == [.init(by: year, during: noon...noon.advanced(by: hour))])
    let again = machine.watch.accept(machine.reading)
    #expect(!again, "nobody doubts it")
    machine.set(by: year)
    #expect(machine.watch.doubt != nil, "another jump is another doubt")
  }

  @Test("a time server that vouches for it long enough, without a break and without another step, is believed")
  func vouchedFor() {
    var machine = Machine(ClockPolicy(agreement: .seconds(600)))
    machine.set(by: year)
    machine.pass(hour)
    func hear(_ isSynchronised: Bool) { machine.watch.hear(isSynchronised: isSynchronised, at: machine.reading) }
    hear(true)
    machine.pass(.seconds(599))
    hear(false)
    hear(true)
    machine.pass(.seconds(500))
    hear(true)
    #expect(machine.watch.doubt != nil, "it did not vouch all the time")
    machine.set(by: .seconds(-60))
    hear(true)
    machine.pass(.seconds(599))
    hear(true)
    #expect(machine.watch.doubt != nil)
    machine.pass(.seconds(1))
    hear(true)
    #expect(machine.watch.doubt == nil && machine.watch.takeEnding() == .vouchedFor)
  }

  @Test("without a time of agreement, no time server is believed; without a time server, no time is long enough")
  func nobody() {
    var machine = Machine(ClockPolicy(agreement: nil))
    machine.set(by: year)
    machine.watch.hear(isSynchronised: true, at: machine.reading)
    machine.pass(year)
    machine.watch.hear(isSynchronised: true, at: machine.reading)
    #expect(machine.watch.doubt != nil)
    machine.watch.policy.agreement = .zero
    machine.watch.hear(isSynchronised: false, at: machine.reading)
    #expect(machine.watch.doubt != nil)
  }

  @Test("a clock that was set back and comes to where it was does not jump")
  func returning() {
    var machine = Machine()
    machine.set(by: .zero - year)
    machine.pass(hour)
    machine.set(by: year)
    #expect(machine.watch.doubt == nil && machine.now == noon.advanced(by: hour))
    machine.set(by: hour)
    #expect(machine.watch.doubt != nil, "from there on it does")
  }

  @Test("over a restart in one boot, a jump is known to the second, however long nothing ran")
  func sameBoot() {
    var machine = Machine()
    machine.restart {
      $0.uptime = $0.uptime.advanced(by: year); $0.wall = $0.wall.advanced(by: year)
    }
    #expect(machine.watch.doubt == nil && machine.watch.takeSteps().isEmpty)
    machine.restart { $0.wall = $0.wall.advanced(by: .seconds(-90)) }
    #expect(machine.watch.takeSteps() == [.init(by: .seconds(-90))])
    let before = machine.now
    machine.restart(isSynchronised: true) { $0.wall = $0.wall.advanced(by: .seconds(601)) }
    #expect(machine.watch.doubt?.ahead == .seconds(601), "whoever vouches for it has to do so for a while")
    #expect(machine.now == before)
  }

  @Test("a doubt outlives a restart, and what was written before it still moves along")
  func doubtRestarts() {
    var machine = Machine()
    machine.set(by: year)
    machine.pass(hour)
    machine.restart { $0.pass(hour) }
    #expect(machine.watch.doubt?.since == noon)
    #expect(machine.now == noon.advanced(by: hour * 2))
    let accepts = machine.watch.accept(machine.reading)
    #expect(accepts)
    #expect(machine.watch.takeSteps() == [.init(by: year, during: noon...noon.advanced(by: hour * 2))])
  }

  @Test("a doubt whose clock came back while nothing ran is over")
  func cameBackMeanwhile() {
    var machine = Machine()
    machine.set(by: year)
    machine.pass(hour)
    machine.restart { $0.wall = $0.wall.advanced(by: .zero - year) }
    #expect(machine.watch.doubt == nil && machine.watch.takeEnding() == .cameBack)
    #expect(machine.now == noon.advanced(by: hour))
  }

  @Test("after a reboot, up to the longest outage is an outage, and more is a clock gone wrong")
  func otherBoot() {
    var machine = Machine(ClockPolicy(longestOutage: hour * 48))
    machine.reboot(after: hour * 48)
    #expect(machine.watch.doubt == nil && machine.watch.takeSteps().isEmpty && machine.now == machine.wall)
    let before = machine.now
    machine.reboot(after: hour * 48 + .seconds(1))
    #expect(machine.watch.doubt != nil && machine.now == before)
    machine.pass(hour)
    machine.set(by: hour * -24)
    #expect(machine.watch.doubt == nil, "it came back to what an outage may be")
    #expect(machine.watch.takeSteps().first?.during?.lowerBound == before)
  }

  @Test("after a reboot, a clock that a time server vouches for is believed")
  func synchronisedBoot() {
    var machine = Machine()
    machine.reboot(after: year, isSynchronised: true)
    #expect(machine.watch.doubt == nil && machine.now == machine.wall)
  }

  @Test("a machine that boots without a clock may be set to where it was, and to any outage after that")
  func withoutBattery() {
    var machine = Machine()
    machine.reboot(after: .zero - year)
    #expect(machine.watch.doubt == nil && machine.now == machine.wall)
    machine.pass(.seconds(30))
    machine.set(by: year + hour * 30)
    #expect(machine.watch.doubt == nil && machine.now == machine.wall)
    machine.reboot(after: .zero - year)
    machine.set(by: year * 2)
    #expect(machine.watch.doubt != nil)
  }

  @Test("after a reboot it is no earlier than what was written last")
  func latestWritten() {
    var machine = Machine()
    let written = noon.advanced(by: .seconds(300))
    machine.reboot(after: year, latestWritten: written)
    #expect(machine.now > written)
    #expect(machine.watch.doubt?.since ?? written > written, "what was written before it does not move")
  }

  @Test("steps that could not be followed come first again")
  func putBack() {
    var machine = Machine()
    machine.set(by: .seconds(5))
    let taken = machine.watch.takeSteps()
    machine.set(by: .seconds(-9))
    machine.watch.putBack(taken)
    #expect(machine.watch.takeSteps() == [.init(by: .seconds(5)), .init(by: .seconds(-9))])
  }
}
