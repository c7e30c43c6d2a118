import NIOCore
import NudgeDomain
import Synchronization

/// The sessions with one server, of which there are only so many: those that wait for their next letter, and the letters
/// that wait for a session.
final class SMTPPool: Sendable {
  /// How long a session waits; a server has a process for each.
  private static let idle = Duration.seconds(10)
  /// How long a server may take to say goodbye.
  private static let patience = Duration.seconds(1)

  private struct Idle {
    var session: SMTPSession
    var end: Scheduled<Void>
  }

  /// What somebody who wants a session may do.
  private enum Turn {
    case use(SMTPSession)
    /// There is room for one more: open it.
    case open
    case cancelled
  }

  private struct State {
    var idle: [Idle] = []
    /// Sessions that are open or being opened, the idle among them.
    var count = 0
    /// So many may be. Less than configured while the server takes no more.
    var limit: Int
    var queue: [(ticket: Int, turn: CheckedContinuation<Turn, Never>)] = []
    var tickets = 0

    /// Nil if the only thing to do is to wait. The latest session comes first, so that the others can expire.
    mutating func turn() -> Turn? {
      if let last = idle.popLast() {
        last.end.cancel()
        return .use(last.session)
      }
      guard count < limit else { return nil }
      count += 1
      return .open
    }
  }

  private let configuration: SMTPSender.Configuration
  private let state: Mutex<State>

  init(_ configuration: SMTPSender.Configuration) {
    self.configuration = configuration
    state = Mutex(State(limit: configuration.connections))
  }

  /// A session that has just answered: one that waited, if there is one, else a new one.
  func take() async throws(SMTPSession.NotOpened) -> (SMTPSession, isFresh: Bool) {
    while true {
      switch await turn() {
      case .use(let session):
        if await session.isReady() { return (session, false) }
        discard(session)
      case .open:
        do throws(SMTPSession.NotOpened) {
          return (try await SMTPSession.open(configuration), true)
        } catch {
          guard release(afterTurnedAway: error.isTurnedAway) else { throw error }
        }
      case .cancelled:
        throw SMTPSession.NotOpened(delivery: .deferred(.sender, error: "broken off before a connection was free"))
      }
    }
  }

  /// A session that no letter has used. Whoever calls has just discarded one.
  func takeFresh() async throws(SMTPSession.NotOpened) -> SMTPSession {
    while true {
      let (session, isFresh) = try await take()
      if isFresh { return session }
      discard(session)
    }
  }

  /// Takes back a session that is between letters.
  func give(_ session: SMTPSession) async {
    let end = session.connection.later(after: Self.idle) { [self] in expire(session) }
    let next = state.withLock { state -> CheckedContinuation<Turn, Never>? in
      if !state.queue.isEmpty { return state.queue.removeFirst().turn }
      state.idle.append(Idle(session: session, end: end))
      return nil
    }
    guard let next else { return }
    end.cancel()
    next.resume(returning: .use(session))
  }

  /// Closes a session that is of no use any more.
  func discard(_ session: SMTPSession) {
    session.connection.close()
    release()
  }

  /// No letter may be on its way.
  func shutdown() async {
    let idle = state.withLock { state in
      defer { state.idle = [] }
      state.count -= state.idle.count
      return state.idle
    }
    await withDiscardingTaskGroup { group in
      for idle in idle {
        idle.end.cancel()
        group.addTask { await idle.session.connection.quit(patience: Self.patience) }
      }
    }
  }

  private func turn() async -> Turn {
    let ticket = state.withLock { state in
      state.tickets += 1
      return state.tickets
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let turn = state.withLock { state -> Turn? in
          if let turn = state.turn() { return turn }
          state.queue.append((ticket, continuation))
          return nil
        }
        if let turn { continuation.resume(returning: turn) } else if Task.isCancelled { cancel(ticket) }
      }
    } onCancel: {
      cancel(ticket)
    }
  }

  private func cancel(_ ticket: Int) {
    let waiting = state.withLock { state in
      state.queue.firstIndex { $0.ticket == ticket }.map { state.queue.remove(at: $0).turn }
    }
    waiting?.resume(returning: .cancelled)
  }

  /// Makes room for another session.
  ///
  /// - Parameter isTurnedAway: the server took no further connection. If it keeps others of ours, so many are enough.
  /// - Returns: true if it is worth waiting for one of those.
  @discardableResult
  private func release(afterTurnedAway isTurnedAway: Bool = false) -> Bool {
    let (others, next) = state.withLock { state in
      state.count -= 1
      let others = state.count
      if isTurnedAway, others > 0 { state.limit = others }
      if others == 0 { state.limit = configuration.connections }
      let room = min(max(0, state.limit - others), state.queue.count)
      state.count += room
      defer { state.queue.removeFirst(room) }
      return (others, state.queue.prefix(room).map(\.turn))
    }
    for turn in next { turn.resume(returning: .open) }
    return isTurnedAway && others > 0
  }

  private func expire(_ session: SMTPSession) {
    let expired = state.withLock { state in
      state.idle.firstIndex { $0.session.connection.isSame(as: session.connection) }.map { state.idle.remove(at: $0) }
    }
    guard let expired else { return }
    release()
    Task { await expired.session.connection.quit(patience: Self.patience) }
  }
}
