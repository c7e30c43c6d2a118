import NudgeDomain

/// A connection whose server has greeted us and knows our name.
struct SMTPSession: Sendable {
  /// The server cannot be talked to; what that means for the letter that wanted to.
  struct NotOpened: Error {
    var delivery: Delivery
  }

  let connection: SMTPConnection
  let timeouts: SMTPSender.Timeouts
  /// The largest mail that the server takes: bytes. Nil if it told none.
  let longestMail: Int?

  static func open(_ configuration: SMTPSender.Configuration) async throws(NotOpened) -> SMTPSession {
    let connection: SMTPConnection
    do throws(SMTPFailure) {
      connection = try await .open(
        host: configuration.host, port: configuration.port, timeout: configuration.timeouts.connect)
    } catch {
      throw NotOpened(error, configuration)
    }
    do throws(NotOpened) {
      let hello = try await introduce(connection, configuration)
      return SMTPSession(connection: connection, timeouts: configuration.timeouts, longestMail: longestMail(in: hello))
    } catch {
      connection.close()
      throw error
    }
  }

  /// Waits for the greeting and says hello, the old way if the server does not know the new one.
  private static func introduce(
    _ connection: SMTPConnection, _ configuration: SMTPSender.Configuration
  ) async throws(NotOpened) -> SMTPReply {
    let greeting = try await reply(to: "", connection, configuration)
    guard greeting.isPositive else { throw NotOpened(delivery: greeting.objection(at: .greeting)) }
    var hello = try await reply(to: "EHLO \(configuration.hello)\r\n", connection, configuration)
    if hello.code / 100 == 5 {
      hello = try await reply(to: "HELO \(configuration.hello)\r\n", connection, configuration)
    }
    guard hello.isPositive else { throw NotOpened(delivery: hello.objection(at: .hello)) }
    return hello
  }

  private static func reply(
    to line: String, _ connection: SMTPConnection, _ configuration: SMTPSender.Configuration
  ) async throws(NotOpened) -> SMTPReply {
    do throws(SMTPFailure) {
      return try await connection.ask(Array(line.utf8), timeout: configuration.timeouts.command)
    } catch {
      throw NotOpened(error, configuration)
    }
  }

  /// What the extension SIZE of RFC 1870 says.
  private static func longestMail(in hello: SMTPReply) -> Int? {
    let sizes = hello.lines.dropFirst().compactMap { $0.uppercased().wholeMatch(of: /SIZE ([0-9]+) */) }
    return sizes.first.flatMap { Int($0.1) }.flatMap { $0 > 0 ? $0 : nil }
  }
}

extension SMTPSession.NotOpened {
  /// A server that cannot be reached or talked to is no letter's fault.
  fileprivate init(_ failure: SMTPFailure, _ configuration: SMTPSender.Configuration) {
    let server = "\(configuration.host):\(configuration.port)"
    delivery = .deferred(.sender, error: errorText("SMTP at \(server): \(failure)"))
  }
}
