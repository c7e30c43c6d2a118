import Dispatch
import NudgeDomain
import Synchronization

@testable import NudgeStore

/// Holds the writer in the middle of a verb, so that a test knows what queues up behind it.
final class Gate: Sendable {
  private let opened = DispatchSemaphore(value: 0)
  private let arrival = AsyncStream<Void>.makeStream()

  func holdUntilOpened() {
    arrival.continuation.yield()
    arrival.continuation.finish()
    opened.wait()
  }

  func reached() async {
    for await _ in arrival.stream {}
  }

  func open() { opened.signal() }
}

final class Counter: Sendable {
  private let count = Atomic<Int>(0)
  var value: Int { count.load(ordering: .relaxed) }
  func add() { count.add(1, ordering: .relaxed) }
}

extension Writer {
  /// Waits until that many verbs are queued behind the one that runs.
  func untilQueued(_ count: Int) async {
    while queued < count { await Task.yield() }
  }
}
