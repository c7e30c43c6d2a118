import NudgeDomain

extension SMTPSession {
  /// True if a session that waited still answers, and is clear of the letter before.
  func isReady() async -> Bool {
    guard connection.isOpen else { return false }
    let reply = try? await connection.command("RSET", timeout: timeouts.command)
    return reply?.isPositive ?? false
  }

  /// How a hand-over ended.
  struct Ending: Sendable {
    /// Nil if the letter was taken back.
    var delivery: Delivery?
    /// True if the session can take another letter.
    var isReusable = false
    /// True if the server, before it was asked to take the letter, had enough of the connection: a new one may do.
    var isStale = false
  }

  /// Hands over one letter, unless `mayLeave` says no once the server knows the envelope and before it is asked to take
  /// the mail: the reset before the next letter makes the server forget the envelope.
  func handOver(_ letter: Letter, mayLeave: @Sendable () -> Bool) async -> Ending {
    if let defect = defect(of: letter) { return Ending(delivery: .refused(error: defect), isReusable: true) }
    if let objection = await say(.mail, mailCommand(letter)) { return objection }
    if let objection = await say(.recipient, "RCPT TO:<\(letter.recipient)>") { return objection }
    guard mayLeave() else { return Ending(isReusable: true) }
    if let objection = await say(.data, "DATA") { return objection }
    do throws(SMTPFailure) {
      try await connection.write(letter.contentForSMTP, timeout: timeouts.content)
    } catch {
      return Ending(delivery: lost(at: .content, error))
    }
    do throws(SMTPFailure) {
      return verdict(try await connection.command(".", timeout: timeouts.verdict))
    } catch {
      return Ending(delivery: .unknown(error: errorText("no answer to the mail: \(error)")))
    }
  }

  /// Why this server cannot be given the letter.
  private func defect(of letter: Letter) -> String? {
    if let longest = extensions.longestMail, letter.sizeForSMTP > longest {
      return "the server takes \(longest) bytes, the mail has \(letter.sizeForSMTP)"
    }
    if letter.hasEightBits, !extensions.hasEightBits { return "the mail has bytes above 127, the server takes none" }
    return nil
  }

  private func mailCommand(_ letter: Letter) -> String {
    let size = extensions.hasSize ? " SIZE=\(letter.sizeForSMTP)" : ""
    // Without it a mail is said to be of 7 bits, as ours are.
    let body = letter.hasEightBits ? " BODY=8BITMIME" : ""
    return "MAIL FROM:<\(letter.sender)>\(size)\(body)"
  }

  /// A part of the envelope, or the wish to send the mail; nil once it is granted.
  private func say(_ step: SMTPStep, _ command: String) async -> Ending? {
    do throws(SMTPFailure) {
      let reply = try await connection.command(command, timeout: timeouts.command)
      let isGranted = step == .data ? reply.code == 354 : reply.isPositive
      if isGranted { return nil }
      return Ending(
        delivery: reply.objection(at: step), isReusable: reply.leavesOpen, isStale: step != .data && reply.code == 421)
    } catch {
      return Ending(delivery: lost(at: step, error), isStale: step != .data && error.isHangUp)
    }
  }

  private func verdict(_ reply: SMTPReply) -> Ending {
    switch reply.code / 100 {
    case 2: Ending(delivery: .accepted(providerID: reply.queueID), isReusable: true)
    case 4, 5: Ending(delivery: reply.objection(at: .content), isReusable: reply.leavesOpen)
    default: Ending(delivery: .unknown(error: errorText("the mail: \(reply.text)")))
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

extension SMTPFailure {
  /// True if the server, or the way to it, ended the conversation, and did not merely say what makes no sense.
  fileprivate var isHangUp: Bool {
    switch self {
    case .closed, .failed, .unasked: true
    case .connecting, .timedOut, .garbled, .injected: false
    }
  }
}
