import NudgeDomain

extension SMTPSession {
  /// True if a session that waited still answers, and is clear of the letter before.
  func isReady() async -> Bool {
    guard connection.isOpen else { return false }
    let reply = try? await connection.command("RSET", timeout: timeouts.command)
    return reply?.isPositive ?? false
  }

  /// Hands over one letter, unless `mayLeave` says no once the server knows the envelope and before it is asked to take
  /// the mail. Nil then: the reset before the next letter makes the server forget the envelope. Tells whether the
  /// session can take another letter.
  func handOver(_ letter: Letter, mayLeave: @Sendable () -> Bool) async -> (Delivery?, isReusable: Bool) {
    if let longestMail, letter.bytes.count > longestMail {
      return (.refused(error: "the server takes \(longestMail) bytes, the mail has \(letter.bytes.count)"), true)
    }
    if let objection = await say(.mail, "MAIL FROM:<\(letter.sender)>") { return objection }
    if let objection = await say(.recipient, "RCPT TO:<\(letter.recipient)>") { return objection }
    guard mayLeave() else { return (nil, isReusable: true) }
    if let objection = await say(.data, "DATA") { return objection }
    do throws(SMTPFailure) {
      try await connection.write(letter.contentForSMTP, timeout: timeouts.content)
    } catch {
      return (lost(at: .content, error), false)
    }
    do throws(SMTPFailure) {
      return verdict(try await connection.command(".", timeout: timeouts.verdict))
    } catch {
      return (.unknown(error: errorText("no answer to the mail: \(error)")), false)
    }
  }

  /// A part of the envelope, or the wish to send the mail; nil once it is granted.
  private func say(_ step: SMTPStep, _ command: String) async -> (Delivery?, isReusable: Bool)? {
    do throws(SMTPFailure) {
      let reply = try await connection.command(command, timeout: timeouts.command)
      let isGranted = step == .data ? reply.code == 354 : reply.isPositive
      return isGranted ? nil : (reply.objection(at: step), isReusable: reply.leavesOpen)
    } catch {
      return (lost(at: step, error), isReusable: false)
    }
  }

  private func verdict(_ reply: SMTPReply) -> (Delivery?, isReusable: Bool) {
    switch reply.code / 100 {
    case 2: (.accepted(providerID: reply.queueID), isReusable: true)
    case 4, 5: (reply.objection(at: .content), isReusable: reply.leavesOpen)
    default: (.unknown(error: errorText("the mail: \(reply.text)")), isReusable: false)
    }
  }

  /// A conversation that broke off before the mail's end: the server cannot have taken it. As long as it had heard of
  /// nothing but our address, the letter is not the reason.
  private func lost(at step: SMTPStep, _ failure: SMTPFailure) -> Delivery {
    .deferred(step == .mail ? .sender : .message, error: errorText("\(step.rawValue): \(failure)"))
  }
}

extension SMTPReply {
  /// False if the server is about to hang up, or has lost the thread.
  fileprivate var leavesOpen: Bool { (400..<600).contains(code) && code != 421 && code != 503 }
}
