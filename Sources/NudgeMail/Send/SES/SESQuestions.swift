import Foundation

// What SES can be asked about the account. Nothing is sent by it, and a question may be asked again.
extension SESSender {
  private static let accountPath = "/v2/email/account"
  private static let identityPath = "/v2/email/identities/"

  package func quota() async -> QuotaAnswer? {
    switch await account() {
    case .known(let account): .known(account.quota)
    case .unavailable(let error): .unavailable(error: error)
    }
  }

  /// The account: what it may send, and whether it may at all.
  package func account() async -> SESAccountAnswer {
    switch await ask(Self.accountPath, SESAccount.self) {
    case .known(let account): .known(account)
    case .missing(let error), .unavailable(let error): .unavailable(error: error)
    }
  }

  /// The identity by that name: a domain, or an address.
  package func identity(_ name: String) async -> SESIdentityAnswer {
    switch await ask(Self.identityPath + escaped(name), SESIdentity.self) {
    case .known(let identity): .known(identity)
    case .missing: .missing
    case .unavailable(let error): .unavailable(error: error)
    }
  }

  private enum Found<Value> {
    case known(Value)
    case missing(error: String)
    case unavailable(error: String)
  }

  private func ask<Value: Decodable>(_ path: String, _ type: Value.Type) async -> Found<Value> {
    let keys: AWSCredentials
    do throws(CredentialsError) {
      keys = try await credentials.current()
    } catch {
      return .unavailable(error: errorText("no credentials: \(error)"))
    }
    do {
      let answer = try await wire.ask(wire.signed("GET", path, by: keys))
      func said(_ problem: String = "") -> String { keys.redacted(answer.describe(problem)) }
      if answer.isMissing { return .missing(error: said()) }
      guard answer.status == 200 else { return .unavailable(error: said()) }
      guard let body = answer.body, let value = try? JSONDecoder().decode(type, from: Data(body)) else {
        return .unavailable(error: said("the answer cannot be read"))
      }
      return .known(value)
    } catch {
      let text = errorText("SES at \(wire.configuration.endpoint.base): \(error)")
      return .unavailable(error: keys.redacted(text))
    }
  }
}
