package import NudgeDomain
import Synchronization

/// The wall clock as far as it is believed: every time that is written down is read here.
///
/// A jump is seen by whoever reads the clock first, so that nothing is ever written in a time that is doubted.
package final class TrustedClock: WallClock {
  private let clock: any WallClock
  private let watch: Mutex<ClockWatch>

  package init(_ clock: any WallClock, policy: ClockPolicy = .standard) {
    self.clock = clock
    watch = Mutex(ClockWatch(clock.reading, policy: policy))
  }

  /// The believed time.
  package func now() -> Moment {
    watch.withLock { watch in
      let reading = clock.reading
      watch.observe(reading)
      return watch.now(at: reading.uptime)
    }
  }

  package func uptime() -> Uptime { clock.uptime() }
  package func pass(_ duration: Duration) async throws { try await clock.pass(duration) }
  package var boot: String? { clock.boot }
  package var isSynchronised: Bool { clock.isSynchronised }

  /// What the wall clock shows, believed or not.
  package var shown: Moment { clock.now() }

  /// Set while the wall clock is not believed.
  package var doubt: ClockWatch.Doubt? {
    watch.withLock { watch in
      watch.observe(clock.reading)
      return watch.doubt
    }
  }

  /// How far the wall clock is ahead of the believed time: zero unless it is doubted.
  package var ahead: Duration { doubt?.ahead ?? .zero }

  package var policy: ClockPolicy {
    get { watch.withLock { $0.policy } }
    set { watch.withLock { $0.policy = newValue } }
  }

  /// Goes on from what an earlier run knew.
  func resume(from record: ClockRecord) {
    let (boot, isSynchronised) = (clock.boot, clock.isSynchronised)
    watch.withLock { $0.resume(from: record, clock.reading, boot: boot, isSynchronised: isSynchronised) }
  }

  /// A person says that the wall clock is right. Returns false if nobody doubts it.
  func accept() -> Bool { watch.withLock { $0.accept(clock.reading) } }

  /// Hears whether a time server vouches for a doubted clock.
  func askKernel() {
    guard doubt != nil else { return }
    let isSynchronised = clock.isSynchronised
    watch.withLock { $0.hear(isSynchronised: isSynchronised, at: clock.reading) }
  }

  func takeSteps() -> [ClockWatch.Step] {
    watch.withLock { watch in
      watch.observe(clock.reading)  // nobody may have looked at the clock since it was set
      return watch.takeSteps()
    }
  }

  func putBack(_ steps: [ClockWatch.Step]) { watch.withLock { $0.putBack(steps) } }
  func takeEnding() -> ClockWatch.Ending? { watch.withLock { $0.takeEnding() } }

  /// What to keep for the next start.
  var record: ClockRecord {
    let boot = clock.boot
    return watch.withLock { watch in
      let reading = clock.reading
      watch.observe(reading)
      return watch.record(at: reading.uptime, boot: boot)
    }
  }
}
