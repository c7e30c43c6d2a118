import NudgeDomain

/// A connection whose server knows us as far as it wants to, and waits for a letter.
struct SMTPSession: Sendable {
  /// The server cannot be talked to; what that means for the letter that wanted to.
  struct NotOpened: Error {
    var delivery: Delivery
    /// True if the server turned us away at the door: it may have enough of us already.
    var isTurnedAway = false
  }

  let connection: SMTPConnection
  let timeouts: SMTPSender.Timeouts
  let extensions: SMTPExtensions

  static func open(_ configuration: SMTPSender.Configuration) async throws(NotOpened) -> SMTPSession {
    let connection: SMTPConnection
    do throws(SMTPFailure) {
      let encryption = configuration.encryption.mode == .implicit ? configuration.encryption : nil
      connection = try await .open(
        configuration.server, encryption: encryption, timeout: configuration.timeouts.connect)
    } catch {
      throw NotOpened(error, configuration, isTurnedAway: true)
    }
    do throws(NotOpened) {
      let extensions = try await SMTPIntroduction(connection: connection, configuration: configuration).run()
      return SMTPSession(connection: connection, timeouts: configuration.timeouts, extensions: extensions)
    } catch {
      connection.close()
      throw error
    }
  }
}

extension SMTPSession.NotOpened {
  /// A server that cannot be reached or talked to is no letter's fault.
  init(_ failure: SMTPFailure, _ configuration: SMTPSender.Configuration, isTurnedAway: Bool = false) {
    self.init("\(failure)", configuration)
    self.isTurnedAway = isTurnedAway
  }

  /// Something between the server and us that every letter would meet.
  init(_ problem: String, _ configuration: SMTPSender.Configuration) {
    delivery = .deferred(.sender, error: errorText("\(configuration.server): \(problem)"))
  }
}
