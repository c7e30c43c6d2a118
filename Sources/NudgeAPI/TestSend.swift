/// `POST /test-send`: one mail to one address, at once, marked as a test. Nothing is stored.
package struct TestSendRequest: Hashable, Sendable {
  /// Where the mail goes, whatever the event says.
  package var to: String
  package var mail: PreviewRequest

  package init(to: String, mail: PreviewRequest = PreviewRequest(kind: .reminder(step: 1))) {
    self.to = to
    self.mail = mail
  }

  package init(_ json: JSON, now: Timestamp) throws(Problem) {
    var fields = Fields(json)
    to = fields.requiredText("to", EmailAddress.complaint)
    let kind = fields.kind()
    mail = PreviewRequest(&fields, now: now, kind: kind ?? "reminder")
    fields.refuseUnknown(["to"] + PreviewRequest.fieldNames)
    try fields.check()
  }

  package var json: JSON {
    .object([JSON.Member("to", JSON(to))] + (mail.json.members ?? []))
  }
}

/// What the mail server said to it.
package struct TestSendReply: Hashable, Sendable {
  package enum Outcome: String, CaseIterable, Sendable {
    /// The mail server took it.
    case accepted
    /// It cannot take it just now.
    case deferred
    /// It never will.
    case refused
    /// It did not say.
    case unknown
  }

  package var outcome: Outcome
  /// The mail server's name for the mail.
  package var providerID: String?
  /// The mail server's words.
  package var error: String?
  /// Without angle brackets.
  package var messageID: String
  package var from: String
  package var to: String
  package var subject: String
  /// `ses`, `smtp`, `lmtp`, `sendmail` or `maildir`.
  package var transport: String
  /// Why other mail is held; nil if it is not.
  package var held: String?

  package init(
    outcome: Outcome, providerID: String?, error: String?, messageID: String, from: String, to: String,
    subject: String, transport: String, held: String?
  ) {
    self.outcome = outcome
    self.providerID = providerID
    self.error = error
    self.messageID = messageID
    self.from = from
    self.to = to
    self.subject = subject
    self.transport = transport
    self.held = held
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "the reply to a test")
    let word = try fields.string("outcome")
    guard let outcome = Outcome(rawValue: word) else { throw ReplyError(description: "no outcome is called \(word)") }
    self.init(
      outcome: outcome, providerID: fields.optionalString("provider_id"), error: fields.optionalString("error"),
      messageID: try fields.string("message_id"), from: try fields.string("from"), to: try fields.string("to"),
      subject: try fields.string("subject"), transport: try fields.string("transport"),
      held: fields.optionalString("held"))
  }

  package var json: JSON {
    [
      "outcome": JSON(outcome.rawValue), "provider_id": JSON(providerID), "error": JSON(error),
      "message_id": JSON(messageID), "from": JSON(from), "to": JSON(to), "subject": JSON(subject),
      "transport": JSON(transport), "held": JSON(held),
    ]
  }
}
