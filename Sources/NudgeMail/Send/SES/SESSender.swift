package import NudgeDomain

/// Hands letters to Amazon SES, version 2 of its API, as raw mails.
///
/// A failure before SES can have had the whole letter is deferred: it holds the sender if no byte of the letter had left,
/// because then the letter cannot be the reason. Without an answer after that, nobody knows: unknown.
package struct SESSender: Sender {
  let wire: SESWire
  let credentials: AWSCredentials

  package init(
    configuration: SESConfiguration, credentials: AWSCredentials, now: @escaping @Sendable () -> Moment
  ) {
    wire = SESWire(configuration, now: now)
    self.credentials = credentials
  }

  package func shutdown() async { await wire.shutdown() }

  package func deliver(_ letter: Letter, mayLeave: @escaping @Sendable () -> Bool) async -> Delivery? {
    if let defect = letter.defect { return .refused(error: defect) }
    let json: [UInt8]
    do {
      json = try SESRequest(letter, configurationSet: wire.configuration.configurationSet).body()
    } catch {
      return .refused(error: errorText("the letter cannot be written as a request: \(error)"))
    }
    let body = LetterBody(json, mayLeave: mayLeave)
    do {
      let answer = try await wire.send(wire.signed("POST", SESRequest.path, body: json, by: credentials), body)
      return body.progress.isWithdrawn ? nil : redacted(answer.delivery)
    } catch {
      return body.progress.isWithdrawn ? nil : redacted(failure(error, progress: body.progress))
    }
  }

  private func failure(_ error: any Error, progress: LetterBody.Progress) -> Delivery {
    let text = errorText("SES at \(wire.configuration.endpoint.base): \(error)")
    if progress.isWhole { return .unknown(error: text) }
    return .deferred(progress.isBegun ? .message : .sender, error: text)
  }

  /// A server may repeat what it was sent, a session token included.
  private func redacted(_ delivery: Delivery) -> Delivery {
    let clean = credentials.redacted
    return switch delivery {
    case .accepted: delivery
    case .deferred(let deferral, let error): .deferred(deferral, error: clean(error))
    case .refused(let error): .refused(error: clean(error))
    case .unknown(let error): .unknown(error: clean(error))
    }
  }
}
