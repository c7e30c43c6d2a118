import NIOCore
import Synchronization

/// The sessions that wait for their next letter.
final class SMTPPool: Sendable {
  /// More than this many are not kept.
  private static let mostIdle = 16
  /// How long a session waits; a server has a process for each.
  private static let idle = Duration.seconds(10)
  /// How long a server may take to say goodbye.
  private static let patience = Duration.seconds(1)

  private struct Idle {
    var session: SMTPSession
    var end: Scheduled<Void>
  }

  private let configuration: SMTPSender.Configuration
  private let waiting = Mutex<[Idle]>([])

  init(_ configuration: SMTPSender.Configuration) {
    self.configuration = configuration
  }

  /// A session that has just answered: one that waited, if there is one, else a new one.
  func take() async throws(SMTPSession.NotOpened) -> SMTPSession {
    while let idle = waiting.withLock({ $0.popLast() }) {
      idle.end.cancel()
      if await idle.session.isReady() { return idle.session }
      idle.session.connection.close()
    }
    return try await SMTPSession.open(configuration)
  }

  /// Takes back a session that is between letters.
  func give(_ session: SMTPSession) async {
    let end = session.connection.later(after: Self.idle) { [self] in
      let expired = waiting.withLock { waiting in
        let expired = waiting.filter { $0.session.connection.isSame(as: session.connection) }
        waiting.removeAll { $0.session.connection.isSame(as: session.connection) }
        return expired
      }
      for idle in expired { Task { await idle.session.connection.quit(patience: Self.patience) } }
    }
    let isKept = waiting.withLock { waiting in
      guard waiting.count < Self.mostIdle else { return false }
      waiting.append(Idle(session: session, end: end))
      return true
    }
    guard !isKept else { return }
    end.cancel()
    await session.connection.quit(patience: Self.patience)
  }

  func shutdown() async {
    let idle = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    await withDiscardingTaskGroup { group in
      for idle in idle {
        idle.end.cancel()
        group.addTask { await idle.session.connection.quit(patience: Self.patience) }
      }
    }
  }
}
