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
      return SMTPSender(configuration: .init(host: smtp.host, port: smtp.port))
    case .ses:
      return try makeSES(places, environment: environment, now: now)
    }
  }

  private func makeSES(
    _ places: Places, environment: [String: String], now: @escaping @Sendable () -> Moment
  ) throws(ConfigurationError) -> any Sender {
    let configuration: SESConfiguration
    do throws(SESConfigurationError) {
      configuration = try .init(
        region: ses.region, endpoint: ses.endpoint, configurationSet: ses.configurationSet, connections: maxInFlight)
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
