import Foundation
import NudgeDomain
import NudgeMail

extension SenderConfiguration {
  /// The sender that the configuration asks for. Nothing is sent and nobody is asked; what can be checked without is.
  func makeSender(
    _ places: Places, environment: [String: String], now: @escaping @Sendable () -> Moment
  ) throws(ConfigurationError) -> any Sender {
    switch transport {
    case .maildir:
      return MaildirSender(configuration: .init(path: maildir.path ?? places.outbox), now: now)
    case .sendmail:
      guard FileManager.default.isExecutableFile(atPath: sendmail.path) else {
        let message = "\(sendmail.path) is no program that can be run; install a mail server, or choose smtp"
        throw issue("sendmail.path", message, places)
      }
      return SendmailSender(configuration: .init(path: sendmail.path, timeout: sendmail.timeout))
    case .smtp:
      return SMTPSender(configuration: try smtp(places, environment: environment))
    case .lmtp:
      let address = lmtp.socket.map { .unix(path: $0) } ?? SMTPServer.Address.tcp(host: lmtp.host, port: lmtp.port)
      let server = SMTPServer(address, language: .lmtp)
      return SMTPSender(configuration: .init(server: server, connections: maxInFlight))
    case .ses:
      return try makeSES(places, environment: environment, now: now)
    }
  }

  private func smtp(
    _ places: Places, environment: [String: String]
  ) throws(ConfigurationError) -> SMTPSender.Configuration {
    let server = SMTPServer(.tcp(host: smtp.host, port: smtp.port))
    do throws(SMTPConfigurationError) {
      let encryption = try SMTPEncryption(smtp.tls, server: server, authorities: smtp.authorities)
      let login = try smtp.login(environment: environment)
      return .init(
        server: server, encryption: encryption, login: login, hello: smtp.hello, connections: smtp.connections)
    } catch {
      throw issue("smtp.\(error.key)", error.problem, places)
    }
  }

  private func makeSES(
    _ places: Places, environment: [String: String], now: @escaping @Sendable () -> Moment
  ) throws(ConfigurationError) -> any Sender {
    let configuration: SESConfiguration
    do throws(SESConfigurationError) {
      configuration = try .init(
        region: ses.region, endpoint: ses.endpoint, configurationSet: ses.configurationSet)
    } catch {
      throw issue("ses.\(error.key)", error.problem, places)
    }
    let chain = AWSCredentialsChain(
      environment: environment, file: ses.credentialsFile, profile: ses.profile, region: ses.region, now: now)
    do throws(CredentialsError) {
      return SESSender(configuration: configuration, credentials: try chain.source(), now: now)
    } catch {
      throw issue(ses.credentialsFile == nil ? "ses" : "ses.credentials_file", error.description, places)
    }
  }

  private func issue(_ key: String, _ message: String, _ places: Places) -> ConfigurationError {
    ConfigurationError(issues: [.init(file: places.configuration, key: "sender.\(key)", message: message)])
  }
}

extension SenderConfiguration.SMTP {
  /// Nil where the server wants to know nobody.
  fileprivate func login(environment: [String: String]) throws(SMTPConfigurationError) -> SMTPLogin? {
    guard let username else { return nil }
    guard let password = SMTPPasswordFile(environment: environment, file: passwordFile) else {
      let credential = SMTPPasswordFile.credentialName
      throw SMTPConfigurationError(
        key: "password_file", problem: "is missing, and there is no credential \(credential) for the username")
    }
    do throws(SMTPPasswordError) {
      try password.check()
    } catch {
      throw SMTPConfigurationError(key: "password_file", problem: error.description)
    }
    return SMTPLogin(username: username, password: password)
  }
}
