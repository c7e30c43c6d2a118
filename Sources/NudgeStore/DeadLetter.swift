import NudgeDomain

extension Session {
  /// Sends a dead letter again, at once, unless its checkout has moved on.
  func retry(message id: Int64, now: Moment) throws(StoreError) {
    var row = try deadLetter(id)
    if case .reminder = row.message.kind,
      let checkout = try row.checkout.flatMap({ (id) throws(StoreError) in try checkouts.find(id: id) }),
      let obstacle = ClaimDecision.obstacle(generation: row.generation, checkout: checkout.checkout)
    {
      throw .wrongState(.cancelled, obstacle)
    }
    row.due = now
    row.attempts = 0
    row.isRetried = true
    try move(row, to: .scheduled, .retried, now: now)
  }

  /// Gives a dead letter up.
  func drop(message id: Int64, now: Moment) throws(StoreError) {
    try move(deadLetter(id), to: .cancelled, .dropped, now: now)
  }

  private func deadLetter(_ id: Int64) throws(StoreError) -> MessageRow {
    guard let row = try messages.find(id) else { throw .notFound }
    guard row.message.state.isDeadLetter else { throw .wrongState(row.message.state, row.message.reason) }
    return row
  }
}
