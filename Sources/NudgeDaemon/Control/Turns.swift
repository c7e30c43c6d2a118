import NudgeAPI
import Synchronization

/// So many at a time; those that come meanwhile wait in line, if that is not too long. First come, first served.
final class Turns: Sendable {
  private struct State {
    var free: Int
    var line: [CheckedContinuation<Bool, Never>] = []
  }

  private let atOnce: Int
  private let longestLine: Int
  private let what: String
  private let state: Mutex<State>

  /// - Parameter what: whose turns these are, for the one who is sent away.
  init(_ atOnce: Int, line: Int, for what: String) {
    self.atOnce = atOnce
    longestLine = line
    self.what = what
    state = Mutex(State(free: atOnce))
  }

  /// Runs `body` when it is its turn.
  ///
  /// - Throws: `overloaded` if too many wait already.
  func take<T>(_ body: () async throws(Problem) -> T) async throws(Problem) -> T {
    guard await begin() else {
      throw Problem(.overloaded, "\(atOnce) \(what) are under way already; try again shortly")
    }
    defer { end() }
    return try await body()
  }

  private func begin() async -> Bool {
    await withCheckedContinuation { continuation in
      let isAdmitted: Bool? = state.withLock { state in
        if state.free > 0 {
          state.free -= 1
          return true
        }
        guard state.line.count < longestLine else { return false }
        state.line.append(continuation)
        return nil
      }
      if let isAdmitted { continuation.resume(returning: isAdmitted) }
    }
  }

  /// The turn goes to the one who has waited longest.
  private func end() {
    let next = state.withLock { state in
      if state.line.isEmpty {
        state.free += 1
        return nil as CheckedContinuation<Bool, Never>?
      }
      return state.line.removeFirst()
    }
    next?.resume(returning: true)
  }
}
