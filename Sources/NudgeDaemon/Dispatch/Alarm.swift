package import NudgeDomain
import Synchronization

/// Wakes the one sleeper at its deadline, or before if somebody rings for an earlier one.
package final class Alarm: Sendable {
  /// No sleep is longer, so that a stepped wall clock costs a minute at most.
  package static let longestSleep = Duration.seconds(60)
  /// The same while somebody rings as soon as the wall clock is set: then only the looks that have no moment wait for it.
  package static let longestSleepIfTold = Duration.seconds(600)

  private enum State {
    /// Nobody sleeps, nobody has rung. Next: `rung`, `asleep`.
    case quiet
    /// Somebody rang while nobody slept. Next: `quiet` or `asleep`, with the next wait.
    case rung(due: Moment)
    /// Somebody sleeps, until then. Next: `quiet`.
    case asleep(until: Moment, sleeper: CheckedContinuation<Void, Never>)
  }

  private let state = Mutex(State.quiet)

  package init() {}

  /// Wakes the sleeper if `due` is earlier than what it sleeps for. A ring while nobody sleeps is kept for the next.
  ///
  /// - Parameter due: nil wakes whoever sleeps.
  package func ring(_ due: Moment?) {
    let due = due ?? Moment(milliseconds: .min)
    let sleeper = state.withLock { state -> CheckedContinuation<Void, Never>? in
      switch state {
      case .quiet:
        state = .rung(due: due)
        return nil
      case .rung(let other):
        state = .rung(due: min(due, other))
        return nil
      case .asleep(let until, let sleeper):
        guard due < until else { return nil }
        state = .quiet
        return sleeper
      }
    }
    sleeper?.resume()
  }

  /// Returns when `deadline` has come, somebody rings for an earlier one, `longest` has passed, or the task is cancelled.
  /// One task waits at a time.
  ///
  /// - Parameter deadline: nil if there is nothing to wait for but a ring.
  package func wait(until deadline: Moment?, clock: any WallClock, longest: Duration = longestSleep) async {
    let deadline = deadline ?? Moment(milliseconds: .max)
    let duration = min(deadline.since(clock.now()), longest)
    guard duration > .zero, !Task.isCancelled else { return forget() }
    await withDiscardingTaskGroup { group in
      await withCheckedContinuation { sleeper in
        guard fallAsleep(until: deadline, sleeper) else { return sleeper.resume() }
        group.addTask {
          try? await clock.pass(duration)  // cancelled: the sleeper is awake, or has to be woken as well
          self.expire()
        }
      }
      group.cancelAll()
    }
  }

  /// False if somebody has rung for an earlier moment meanwhile: then there is no sleep.
  private func fallAsleep(until deadline: Moment, _ sleeper: CheckedContinuation<Void, Never>) -> Bool {
    state.withLock { state in
      if case .rung(let due) = state, due < deadline {
        state = .quiet
        return false
      }
      state = .asleep(until: deadline, sleeper: sleeper)
      return true
    }
  }

  /// Wakes the sleeper, if it has not been woken already.
  private func expire() {
    let sleeper = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard case .asleep(_, let sleeper) = state else { return nil }
      state = .quiet
      return sleeper
    }
    sleeper?.resume()
  }

  /// A ring from before the sleeper looks again tells it nothing new.
  private func forget() {
    state.withLock { state in
      if case .rung = state { state = .quiet }
    }
  }
}
