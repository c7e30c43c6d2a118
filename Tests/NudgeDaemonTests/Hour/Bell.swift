import Synchronization

/// Lets one wait for a condition that others bring about: whoever may have changed something rings.
final class Bell: Sendable {
  private let state = Mutex((rings: 0, waiting: [CheckedContinuation<Void, Never>]()))

  func ring() {
    let waiting = state.withLock { state in
      state.rings += 1
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Returns once `condition` holds; it is looked at again after each ring.
  func waits(until condition: () -> Bool) async {
    while true {
      let seen = state.withLock { $0.rings }
      if condition() { return }
      await withCheckedContinuation { continuation in
        let hasRung = state.withLock { state in
          if state.rings == seen { state.waiting.append(continuation) }
          return state.rings != seen
        }
        if hasRung { continuation.resume() }
      }
    }
  }
}
