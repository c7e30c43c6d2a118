import NudgeDaemon
import NudgeDomain
import Synchronization

/// How long the machine has run when a test begins.
let booted = Uptime(milliseconds: 1_000_000_000)

/// A clock that the test holds: time passes when it says so.
final class HeldClock: WallClock {
  private struct Sleeper {
    var id: Int
    var until: Uptime
    var continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now: Moment
    var uptime = booted
    var boot = "boot-1"
    var isSynchronised = false
    var nextID = 0
    var sleepers: [Sleeper] = []
    var cancelled: Set<Int> = []
    var watchers: [CheckedContinuation<Duration, Never>] = []
  }

  private let state: Mutex<State>

  init(_ now: Moment) {
    state = Mutex(State(now: now))
  }

  func now() -> Moment { state.withLock { $0.now } }
  var boot: String? { state.withLock { $0.boot } }
  var isSynchronised: Bool { state.withLock { $0.isSynchronised } }
  func uptime() -> Uptime { state.withLock { $0.uptime } }

  func pass(_ duration: Duration) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let watchers = state.withLock { state -> [CheckedContinuation<Duration, Never>]? in
          guard !state.cancelled.contains(id) else { return nil }
          state.sleepers.append(Sleeper(id: id, until: state.uptime.advanced(by: duration), continuation: continuation))
          defer { state.watchers = [] }
          return state.watchers
        }
        guard let watchers else { return continuation.resume(throwing: CancellationError()) }
        for watcher in watchers { watcher.resume(returning: duration) }
      }
    } onCancel: {
      let sleeper = state.withLock { state in
        state.cancelled.insert(id)
        return state.sleepers.firstIndex { $0.id == id }.map { state.sleepers.remove(at: $0) }
      }
      sleeper?.continuation.resume(throwing: CancellationError())
    }
  }

  func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.now = state.now.advanced(by: duration)
      state.uptime = state.uptime.advanced(by: duration)
      defer { state.sleepers.removeAll { $0.until <= state.uptime } }
      return state.sleepers.filter { $0.until <= state.uptime }
    }
    for sleeper in due { sleeper.continuation.resume() }
  }

  /// Sets the wall clock: no time passes, and nobody wakes.
  func set(_ now: Moment) {
    state.withLock { $0.now = now }
  }

  /// Sets the wall clock ahead, or back.
  func step(by duration: Duration) { set(now().advanced(by: duration)) }

  /// From now on a time server vouches for the wall clock, or none does.
  func synchronise(_ isSynchronised: Bool = true) { state.withLock { $0.isSynchronised = isSynchronised } }

  /// The machine has booted again, and shows that.
  func reboot(showing wall: Moment) {
    state.withLock { state in
      state.boot += "+"
      state.uptime = Uptime(milliseconds: 20_000)
      state.now = wall
    }
  }

  /// Waits until somebody sleeps; returns for how long.
  func sleepBegins() async -> Duration {
    await withCheckedContinuation { continuation in
      let left = state.withLock { state -> Duration? in
        if let sleeper = state.sleepers.last { return sleeper.until.since(state.uptime) }
        state.watchers.append(continuation)
        return nil
      }
      if let left { continuation.resume(returning: left) }
    }
  }
}
