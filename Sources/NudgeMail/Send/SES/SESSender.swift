package import NudgeDomain

/// Hands letters to Amazon SES, version 2 of its API, as raw mails.
///
/// A failure before SES can have had the whole letter is deferred: it holds the sender if no byte of the letter had left,
/// because then the letter cannot be the reason. Without an answer after that, nobody knows: unknown.
package struct SESSender: Sender {
  let wire: SESWire
  let credentials: any AWSCredentialsSource

  package init(
    configuration: SESConfiguration, credentials: any AWSCredentialsSource, now: @escaping @Sendable () -> Moment
  ) {
    wire = SESWire(configuration, now: now)
    self.credentials = credentials
  }

  /// Sends over `network`, which stands in for the one there is.
  package init(
    configuration: SESConfiguration, credentials: any AWSCredentialsSource, network: SESNetwork,
    now: @escaping @Sendable () -> Moment
  ) {
    wire = SESWire(configuration, network: network, now: now)
    self.credentials = credentials
  }

  package func shutdown() async {
    await wire.shutdown()
    await credentials.shutdown()
  }

  package func deliver(_ letter: Letter, mayLeave: @escaping @Sendable () -> Bool) async -> Delivery? {
    if let defect = letter.defect { return .refused(error: defect) }
    let json = SESRequest(letter, configurationSet: wire.configuration.configurationSet).body
    let keys: AWSCredentials
    do throws(CredentialsError) {
      keys = try await credentials.current()
    } catch {
      return .deferred(.sender, error: errorText("no credentials: \(error)"))
    }
    return await deliver(
      LetterBody(json, mayLeave: mayLeave), wire.signed("POST", SESRequest.path, body: json, by: keys), keys)
  }

  private func deliver(_ body: LetterBody, _ request: SigV4.Request, _ keys: AWSCredentials) async -> Delivery? {
    do {
      let answer = try await wire.send(request, body)
      if body.isWithdrawn { return nil }
      guard answer.isAboutKeys else { return redacted(answer.delivery, keys) }
      return redacted(.deferred(.sender, error: await renewed(keys, after: answer)), keys)
    } catch {
      return body.isWithdrawn ? nil : redacted(failure(error, of: body), keys)
    }
  }

  /// Looks for other keys at once. The letter itself is not sent a second time here: it was let go for one hand-over, and
  /// an order may have come since. The next probe takes it, with the new keys.
  private func renewed(_ keys: AWSCredentials, after answer: SESAnswer) async -> String {
    if let failure = await credentials.renew(keys) {
      return answer.describe("and there are no other credentials: \(failure)")
    }
    return answer.describe("there are new credentials by now")
  }

  private func failure(_ error: any Error, of letter: LetterBody) -> Delivery {
    let text = errorText("SES at \(wire.configuration.endpoint.base): \(error)")
    if letter.isWhole { return .unknown(error: text) }
    return .deferred(letter.isBegun ? .message : .sender, error: text)
  }

  /// A server may repeat what it was sent, a session token included.
  private func redacted(_ delivery: Delivery, _ keys: AWSCredentials) -> Delivery {
    let clean = keys.redacted
    return switch delivery {
    case .accepted: delivery
    case .deferred(let deferral, let error): .deferred(deferral, error: clean(error))
    case .refused(let error): .refused(error: clean(error))
    case .unknown(let error): .unknown(error: clean(error))
    }
  }
}
