package import NudgeDomain

/// Hands letters to a mail server nearby, over SMTP without encryption or login.
///
/// The server cannot have taken a letter before it has read the dot that ends it, and has said so if it answers. So only
/// what is lost between the two is unknown.
package struct SMTPSender: Sender {
  package struct Configuration: Hashable, Sendable {
    package var host: String
    package var port: Int
    /// What we call ourselves.
    package var hello: String
    package var timeouts: Timeouts

    package init(
      host: String = "127.0.0.1", port: Int = 25, hello: String = "localhost", timeouts: Timeouts = .init()
    ) {
      self.host = host
      self.port = port
      self.hello = hello
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
    let session: SMTPSession
    do throws(SMTPSession.NotOpened) {
      session = try await pool.take()
    } catch {
      return error.delivery
    }
    let (delivery, isReusable) = await session.handOver(letter, mayLeave: mayLeave)
    if isReusable { await pool.give(session) } else { session.connection.close() }
    return delivery
  }

  package func shutdown() async {
    await pool.shutdown()
  }
}
