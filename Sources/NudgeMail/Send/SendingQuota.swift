/// What a mail provider allows an account, and how much of it is used. It counts recipients, and so does nudged: one a mail.
package struct SendingQuota: Hashable, Sendable {
  /// Mails per second; fractions occur.
  package var perSecond: Double
  /// Mails in any 24 hours; nil is no limit.
  package var perDay: Int?
  /// What went out in the last 24 hours, by the provider's count.
  package var sentLastDay: Int

  package init(perSecond: Double, perDay: Int?, sentLastDay: Int) {
    self.perSecond = perSecond
    self.perDay = perDay
    self.sentLastDay = sentLastDay
  }
}

/// What came of asking for the quota.
package enum QuotaAnswer: Hashable, Sendable {
  case known(SendingQuota)
  /// The provider did not say, for that reason; ask again later.
  case unavailable(error: String)
}
