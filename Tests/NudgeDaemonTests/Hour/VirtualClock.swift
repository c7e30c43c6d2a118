import NudgeDaemon
import NudgeDomain
import Synchronization

/// The clock of a virtual world: it stands still until the world moves it.
final class VirtualClock: WallClock {
  private struct Sleeper {
    var until: Moment
    var continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now: Moment
    var naps = 0
    var sleepers: [Int: Sleeper] = [:]
    var cancelled: Set<Int> = []
  }

  private let state: Mutex<State>
  private let bell: Bell

  /// - Parameter bell: rings whenever somebody falls asleep.
  init(_ now: Moment, bell: Bell) {
    state = Mutex(State(now: now))
    self.bell = bell
  }

  func now() -> Moment { state.withLock { $0.now } }

  /// Nobody sets this clock: the machine booted with the epoch.
  func uptime() -> Uptime { Uptime(milliseconds: now().milliseconds) }

  /// How often somebody has fallen asleep so far.
  var naps: Int { state.withLock { $0.naps } }

  /// When the first of those who sleep wants to be woken; nil if nobody sleeps.
  var earliest: Moment? { state.withLock { $0.sleepers.values.map(\.until).min() } }

  func pass(_ duration: Duration) async throws {
    let nap = state.withLock { state in
      state.naps += 1
      return state.naps
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let sleeps = state.withLock { state in
          guard state.cancelled.remove(nap) == nil else { return false }
          state.sleepers[nap] = Sleeper(until: state.now.advanced(by: duration), continuation: continuation)
          return true
        }
        if sleeps { bell.ring() } else { continuation.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      let sleeper = state.withLock { state in
        let sleeper = state.sleepers.removeValue(forKey: nap)
        if sleeper == nil { state.cancelled.insert(nap) }
        return sleeper
      }
      sleeper?.continuation.resume(throwing: CancellationError())
    }
  }

  /// Moves on to that moment, if it lies ahead, and wakes whoever wanted to be woken by then.
  func advance(to moment: Moment) {
    let woken = state.withLock { state in
      state.now = max(state.now, moment)
      let woken = state.sleepers.filter { $0.value.until <= state.now }
      for nap in woken.keys { state.sleepers[nap] = nil }
      return woken.values.map(\.continuation)
    }
    for continuation in woken { continuation.resume() }
  }
}
