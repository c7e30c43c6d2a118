import NudgeDomain

/// The way from a connection to a session: greeting, hello, encryption, login.
struct SMTPIntroduction: Sendable {
  typealias NotOpened = SMTPSession.NotOpened

  let connection: SMTPConnection
  let configuration: SMTPSender.Configuration

  /// - Returns: what the server says that it can do.
  func run() async throws(NotOpened) -> SMTPExtensions {
    let greeting = try await reply(to: nil)
    guard greeting.isPositive else {
      throw NotOpened(delivery: greeting.objection(at: .greeting), isTurnedAway: greeting.code / 100 == 4)
    }
    var extensions = try await hello()
    var isEncrypted = configuration.encryption.mode == .implicit
    if try await startsEncryption(extensions) {
      extensions = try await hello()  // what was said before the encryption counts no more
      isEncrypted = true
    }
    if let login = configuration.login { try await logIn(login, extensions, isEncrypted: isEncrypted) }
    return extensions
  }

  /// Says hello, the old way if the server does not know the new one.
  private func hello() async throws(NotOpened) -> SMTPExtensions {
    let name = configuration.hello ?? MachineName.qualified ?? connection.ownAddress ?? "localhost"
    guard configuration.server.language == .smtp else {
      let reply = try await reply(to: "LHLO \(name)")
      guard reply.isPositive else { throw NotOpened(delivery: reply.objection(at: .lmtpHello)) }
      return SMTPExtensions(hello: reply)
    }
    let hello = try await reply(to: "EHLO \(name)")
    if hello.isPositive { return SMTPExtensions(hello: hello) }
    guard hello.code / 100 == 5 else { throw NotOpened(delivery: hello.objection(at: .hello)) }
    let old = try await reply(to: "HELO \(name)")
    guard old.isPositive else { throw NotOpened(delivery: old.objection(at: .hello)) }
    return .none
  }

  /// True if everything from here on is encrypted; throws if it has to be and is not.
  private func startsEncryption(_ extensions: SMTPExtensions) async throws(NotOpened) -> Bool {
    let encryption = configuration.encryption
    guard encryption.mode == .starttls || encryption.mode == .opportunistic else { return false }
    guard extensions.hasStartTLS else {
      guard encryption.mode == .starttls else { return false }
      throw NotOpened("STARTTLS: the server offers no encryption, and without it nothing is sent", configuration)
    }
    let reply = try await reply(to: "STARTTLS", encryption: encryption)
    guard reply.isPositive else {
      if encryption.mode == .opportunistic, reply.code != 421 { return false }
      throw NotOpened(delivery: reply.objection(at: .encryption))
    }
    return true
  }

  private func reply(
    to line: String?, encryption: SMTPEncryption? = nil
  ) async throws(NotOpened) -> SMTPReply {
    do throws(SMTPFailure) {
      let bytes = line.map { Array("\($0)\r\n".utf8) } ?? []
      return try await connection.ask(bytes, timeout: configuration.timeouts.command, encryption: encryption)
    } catch {
      throw NotOpened(error, configuration, isTurnedAway: line == nil)
    }
  }
}

/// How we log in.
package struct SMTPLogin: Sendable {
  package var username: String
  package var password: SMTPPasswordFile

  package init(username: String, password: SMTPPasswordFile) {
    self.username = username
    self.password = password
  }
}

extension SMTPIntroduction {
  /// Whatever keeps us from logging in would keep every letter from leaving.
  private func logIn(_ login: SMTPLogin, _ extensions: SMTPExtensions, isEncrypted: Bool) async throws(NotOpened) {
    guard isEncrypted || connection.isLoopback else {
      throw NotOpened("AUTH: the connection is not encrypted, and no password goes over such a one", configuration)
    }
    guard let mechanism = SMTPExtensions.Mechanism.allCases.first(where: extensions.mechanisms.contains) else {
      throw NotOpened("AUTH: the server offers neither PLAIN nor LOGIN", configuration)
    }
    let password: SMTPPassword
    do throws(SMTPPasswordError) {
      password = try await login.password.current()
    } catch {
      throw NotOpened("AUTH: \(error)", configuration)
    }
    let answers =
      switch mechanism {
      case .plain: [password.plain(username: login.username)]
      case .login: [SMTPPassword.base64(login.username), password.base64]
      }
    let step = "AUTH \(mechanism.rawValue)"
    var reply = try await self.reply(to: step)
    for answer in answers where reply.code == Self.goOn { reply = try await self.reply(toSecret: answer, step) }
    guard reply.isPositive else {
      let words = "\(step): \(reply.code) \(reply.lines.joined(separator: " "))"
      throw NotOpened(password.redacted(words, username: login.username), configuration)
    }
  }

  private static let goOn = 334

  /// What the server says that is no answer may be what it was told: it is not shown.
  private func reply(toSecret line: String, _ step: String) async throws(NotOpened) -> SMTPReply {
    do throws(SMTPFailure) {
      return try await connection.command(line, timeout: configuration.timeouts.command)
    } catch {
      if case .garbled = error { throw NotOpened("\(step): the answer makes no sense", configuration) }
      throw NotOpened("\(step): \(error)", configuration)
    }
  }
}
