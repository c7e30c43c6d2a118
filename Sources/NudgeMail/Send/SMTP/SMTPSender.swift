package import NudgeDomain

/// Hands letters to a mail server over SMTP or LMTP.
///
/// The server cannot have taken a letter before it has read the dot that ends it, and has said so if it answers. So only
/// what is lost between the two is unknown.
package struct SMTPSender: Sender {
  package struct Configuration: Sendable {
    package var server: SMTPServer
    package var encryption: SMTPEncryption
    /// Nil where the server wants to know nobody.
    package var login: SMTPLogin?
    /// What we call ourselves; nil for the machine's full name, or its address if it has none.
    package var hello: String?
    /// How many connections are open at most. A letter for which there is none waits.
    package var connections: Int
    package var timeouts: Timeouts

    package init(
      server: SMTPServer = SMTPServer(.tcp(host: "127.0.0.1", port: 25)), encryption: SMTPEncryption = .none,
      login: SMTPLogin? = nil, hello: String? = nil, connections: Int = 16, timeouts: Timeouts = .init()
    ) {
      self.server = server
      self.encryption = encryption
      self.login = login
      self.hello = hello
      self.connections = max(1, connections)
      self.timeouts = timeouts
    }
  }

  package struct Timeouts: Hashable, Sendable {
    package var connect: Duration
    /// For the reply to a command. Running out of it does no harm.
    package var command: Duration
    /// For writing the mail.
    package var content: Duration
    /// For the reply to the mail. What takes longer is unknown, so this is as long as RFC 5321 advises.
    package var verdict: Duration

    package init(
      connect: Duration = .seconds(10), command: Duration = .seconds(60), content: Duration = .seconds(120),
      verdict: Duration = .seconds(600)
    ) {
      self.connect = connect
      self.command = command
      self.content = content
      self.verdict = verdict
    }
  }

  private let pool: SMTPPool

  package init(configuration: Configuration) {
    pool = SMTPPool(configuration)
  }

  package func deliver(_ letter: Letter, mayLeave: @escaping @Sendable () -> Bool) async -> Delivery? {
    if let defect = letter.defect { return .refused(error: defect) }
    do throws(SMTPSession.NotOpened) {
      let (session, isFresh) = try await pool.take()
      let ending = await handOver(letter, to: session, mayLeave: mayLeave)
      guard ending.isStale, !isFresh else { return ending.delivery }
      // The server was tired of the connection, not of us, and has no letter yet.
      return await handOver(letter, to: try await pool.takeFresh(), mayLeave: mayLeave).delivery
    } catch {
      return error.delivery
    }
  }

  private func handOver(
    _ letter: Letter, to session: SMTPSession, mayLeave: @Sendable () -> Bool
  ) async -> SMTPSession.Ending {
    let ending = await session.handOver(letter, mayLeave: mayLeave)
    if ending.isReusable { await pool.give(session) } else { pool.discard(session) }
    return ending
  }

  package func shutdown() async {
    await pool.shutdown()
  }
}
