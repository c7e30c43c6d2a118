import NudgeDaemon
import NudgeDomain

/// The machine's clocks as one life of nudged sees them. Once it is dead, nobody in it sleeps any more.
final class LifeClock: WallClock {
  /// Somebody who sleeps.
  private final class Nap: Sendable {
    nonisolated(unsafe) var continuation: CheckedContinuation<Void, any Error>?
    nonisolated(unsafe) var isOver = false

    func end(_ result: Result<Void, any Error>) {
      isOver = true
      continuation?.resume(with: result)
      continuation = nil
    }
  }

  private let time: VirtualTime
  private let dice: Dice
  nonisolated(unsafe) private var isStopped = false
  nonisolated(unsafe) private var naps: [Nap] = []

  init(_ time: VirtualTime, _ dice: Dice) {
    self.time = time
    self.dice = dice
  }

  func now() -> Moment { Moment(milliseconds: time.wall) }
  func uptime() -> Uptime { Uptime(milliseconds: time.uptime) }
  var boot: String? { "the-only-one" }

  func pass(_ duration: Duration) async throws {
    let nap = Nap()
    naps.removeAll { $0.isOver }
    naps.append(nap)
    defer { nap.isOver = true }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        guard !nap.isOver, !isStopped else { return continuation.resume(throwing: CancellationError()) }
        nap.continuation = continuation
        time.after(Self.roundedUp(duration) + dice.number(0...1)) { nap.end(.success(())) }
      }
    } onCancel: {
      nap.end(.failure(CancellationError()))
    }
  }

  /// Ends all sleep, for good.
  func stop() {
    isStopped = true
    for nap in naps { nap.end(.failure(CancellationError())) }
    naps = []
  }

  /// Whoever still sleeps.
  var sleepers: Int { naps.count { !$0.isOver } }

  private static func roundedUp(_ duration: Duration) -> Int64 {
    max(0, (duration + .nanoseconds(999_999)).milliseconds)
  }
}
