import NudgeDomain
import NudgeMail
import Synchronization

/// A mail server that the test holds: what it does not answer by its script waits until the test answers.
final class HeldSender: Sender {
  struct HandOver: Sendable {
    let letter: Letter
    fileprivate let continuation: CheckedContinuation<Delivery, Never>

    func answer(_ delivery: Delivery) { continuation.resume(returning: delivery) }
  }

  private struct State {
    var begun: [Letter] = []
    var waiting: [HandOver] = []
    var watchers: [CheckedContinuation<HandOver, Never>] = []
    var shutdowns = 0
    var script: @Sendable (Letter) -> Delivery?
  }

  private let state: Mutex<State>

  init(_ script: @escaping @Sendable (Letter) -> Delivery? = { _ in nil }) {
    state = Mutex(State(script: script))
  }

  /// All hand-overs so far, in the order in which they began.
  var letters: [Letter] { state.withLock { $0.begun } }
  var shutdowns: Int { state.withLock { $0.shutdowns } }

  func answers(_ script: @escaping @Sendable (Letter) -> Delivery?) {
    state.withLock { $0.script = script }
  }

  func deliver(_ letter: Letter, mayLeave: @escaping @Sendable () -> Bool) async -> Delivery? {
    guard mayLeave() else { return nil }
    let script = state.withLock { state in
      state.begun.append(letter)
      return state.script
    }
    if let delivery = script(letter) { return delivery }
    return await withCheckedContinuation { continuation in
      let handOver = HandOver(letter: letter, continuation: continuation)
      let watcher = state.withLock { state -> CheckedContinuation<HandOver, Never>? in
        if !state.watchers.isEmpty { return state.watchers.removeFirst() }
        state.waiting.append(handOver)
        return nil
      }
      watcher?.resume(returning: handOver)
    }
  }

  func shutdown() async {
    state.withLock { $0.shutdowns += 1 }
  }

  /// The next hand-over that waits for an answer.
  func next() async -> HandOver {
    await withCheckedContinuation { continuation in
      let handOver = state.withLock { state -> HandOver? in
        if !state.waiting.isEmpty { return state.waiting.removeFirst() }
        state.watchers.append(continuation)
        return nil
      }
      if let handOver { continuation.resume(returning: handOver) }
    }
  }
}
