package import NudgeDomain
package import NudgeStore
import Synchronization

/// What the routes work on.
package final class Engine: Sendable {
  /// The rest of the daemon, as far as the routes know it.
  package struct Surroundings: Sendable {
    package var now: @Sendable () -> Moment
    /// As the configuration stands now.
    package var policies: @Sendable () -> Policies
    /// Wakes the dispatcher if it sleeps beyond that moment.
    package var ring: @Sendable (Moment) -> Void
    /// Takes back messages whose hand-over has not begun, for good; returns those that it got.
    package var recall: @Sendable ([Int64]) async -> [Int64]
    /// Tells the dispatcher what the store already knows.
    package var setPaused: @Sendable (Bool) async -> Void
    package var sender: @Sendable () async -> SenderReport

    package init(
      now: @escaping @Sendable () -> Moment, policies: @escaping @Sendable () -> Policies,
      ring: @escaping @Sendable (Moment) -> Void, recall: @escaping @Sendable ([Int64]) async -> [Int64],
      setPaused: @escaping @Sendable (Bool) async -> Void, sender: @escaping @Sendable () async -> SenderReport
    ) {
      self.now = now
      self.policies = policies
      self.ring = ring
      self.recall = recall
      self.setPaused = setPaused
      self.sender = sender
    }
  }

  let store: Store
  let surroundings: Surroundings
  let version: String
  let startedAt: Moment
  private let draining = Atomic(false)

  package init(store: Store, surroundings: Surroundings, version: String, startedAt: Moment) {
    self.store = store
    self.surroundings = surroundings
    self.version = version
    self.startedAt = startedAt
  }

  /// True once nudged has been told to stop: it takes no more requests.
  var isDraining: Bool { draining.load(ordering: .relaxed) }

  func beginDraining() { draining.store(true, ordering: .relaxed) }
}

/// How the way out is doing.
package struct SenderReport: Hashable, Sendable {
  package enum State: Hashable, Sendable {
    case ok
    /// Every message would meet this problem; it is tried again at that moment.
    case held(reason: String, until: Moment?)
  }

  /// `ses`, `smtp`, `sendmail` or `maildir`.
  package var transport: String
  package var state: State

  package init(transport: String, state: State) {
    self.transport = transport
    self.state = state
  }
}
