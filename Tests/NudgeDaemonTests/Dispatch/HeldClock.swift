import NudgeDaemon
import NudgeDomain
import Synchronization

/// A clock that the test holds: time passes when it says so.
final class HeldClock: WallClock {
  private struct Sleeper {
    var id: Int
    var until: Moment
    var continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now: Moment
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

  func pass(_ duration: Duration) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let watchers = state.withLock { state -> [CheckedContinuation<Duration, Never>]? in
          guard !state.cancelled.contains(id) else { return nil }
          state.sleepers.append(Sleeper(id: id, until: state.now.advanced(by: duration), continuation: continuation))
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
      defer { state.sleepers.removeAll { $0.until <= state.now } }
      return state.sleepers.filter { $0.until <= state.now }
    }
    for sleeper in due { sleeper.continuation.resume() }
  }

  /// Sets the clock without waking anybody, as somebody who corrects it does.
  func set(_ now: Moment) {
    state.withLock { $0.now = now }
  }

  /// Waits until somebody sleeps; returns for how long.
  func sleepBegins() async -> Duration {
    await withCheckedContinuation { continuation in
      let left = state.withLock { state -> Duration? in
        if let sleeper = state.sleepers.last { return sleeper.until.since(state.now) }
        state.watchers.append(continuation)
        return nil
      }
      if let left { continuation.resume(returning: left) }
    }
  }
}
