/// What each snapshot has to look like by itself, and how it may follow the one before.
struct TableRules {
  let history: History

  /// contract: "Message states and reasons". What explains a message that waits also explains it while it is sent.
  private static let reasons: [String: Set<String>] = [
    "scheduled": ["due", "deferred", "retried", "unknown", "held"],
    "sending": ["due", "deferred", "retried", "unknown", "held"],
    "sent": ["sent"],
    "dead": ["refused", "attempts_exhausted", "render_failed", "dropped"],
    "unknown": ["unknown", "dropped"],
    "cancelled": ["ordered", "checkout_cancelled", "checkout_changed", "dropped"],
    "skipped": ["late", "collapsed", "dropped"],
  ]

  func violations() -> [Violation] {
    var found: [Violation] = []
    var before: (index: Int, snapshot: Snapshot)?
    for (index, observation) in history.observations.enumerated() {
      guard case .snapshot(let snapshot) = observation.what else { continue }
      found += snapshot.messages.flatMap { row(of: $0, index) }
      found += numbers(snapshot, index) + pages(snapshot, index)
      if let before { found += moves(from: before.snapshot, before.index, to: snapshot, index) }
      before = (index, snapshot)
    }
    return found
  }

  // MARK: One snapshot

  private func row(of row: MessageRow, _ index: Int) -> [Violation] {
    var found: [Violation] = []
    if Self.reasons[row.state]?.contains(row.reason) != true {
      found.append(history.violation(.reasonsFitStates, index, "\(row.id) is \(row.state) because of \(row.reason)"))
    }
    if (row.settledAt == nil) != ["scheduled", "sending"].contains(row.state) {
      found.append(
        history.violation(.statesMoveAsDrawn, index, "\(row.id) is \(row.state), settled: \(row.settledAt as Any)"))
    }
    found += ledger(of: row, index)
    let isBlamed =
      ["render_failed", "held"].contains(row.reason) || row.attempts.contains { $0.outcome == "render_failed" }
    if isBlamed,
      !history.settings(from: 0, to: index).contains(where: { $0.policy(of: row.shop).failing.contains(row.kind) })
    {
      found.append(history.violation(.templatesFailAlone, index, "\(row.id) is \(row.reason), and its template works"))
    }
    if let skip = skip(row, index) { found.append(skip) }
    return found
  }

  /// The state of a message is what its last attempt left it in.
  private func ledger(of row: MessageRow, _ index: Int) -> [Violation] {
    let open = row.attempts.filter { $0.outcome == nil }.count
    let last = row.attempts.last?.outcome
    let fits =
      switch row.state {
      case "sending": open == 1 && row.attempts.last.map { $0.outcome == nil } == true
      case "sent": open == 0 && row.attempts.contains { $0.outcome == "accepted" }
      case "unknown": open == 0 && (last == "unknown" || row.reason == "dropped")
      case "dead": open == 0 && !row.attempts.isEmpty && last != "accepted"
      default: open == 0 && last != "accepted"
      }
    guard !fits else { return [] }
    return [
      history.violation(
        .ledgerTellsTheTruth, index,
        "\(row.id) is \(row.state), and its ledger says \(row.attempts.map { $0.outcome ?? "open" })")
    ]
  }

  private func skip(_ row: MessageRow, _ index: Int) -> Violation? {
    guard !history.isLoose(from: 0, to: index), row.state == "skipped", row.attempts.isEmpty,
      let settled = row.settledAt, let step = row.step
    else {
      return nil
    }
    let policies = history.settings(from: 0, to: index).map { $0.policy(of: row.shop) }
    // It may have been due by one schedule, and be judged by another that was put in force meanwhile.
    let anchors = policies.compactMap { step <= $0.schedule.count ? row.dueAt - $0.schedule[step - 1] : nil }
    let isJustified = policies.contains { policy in
      anchors.contains { anchor in
        switch row.reason {
        case "late": step > policy.schedule.count || settled > anchor + policy.schedule[step - 1] + policy.maxLate
        case "collapsed": step < policy.schedule.count && settled >= anchor + policy.schedule[step]
        default: true
        }
      }
    }
    guard !isJustified else { return nil }
    return history.violation(
      .skipsAreJustified, index, "\(row.id), due at \(row.dueAt), was skipped as \(row.reason) at \(settled)")
  }

  private func numbers(_ snapshot: Snapshot, _ index: Int) -> [Violation] {
    var expected: [(name: String, told: Double?, counted: Int)] = []
    func count(_ state: String) -> Int { snapshot.messages.count { $0.state == state } }
    let open = snapshot.checkouts.count { $0.state == "open" }
    if let status = snapshot.status {
      expected += [
        ("checkouts_open", Double(status.checkoutsOpen), open),
        ("messages_scheduled", Double(status.messagesScheduled), count("scheduled")),
        ("messages_sending", Double(status.messagesSending), count("sending")),
        ("messages_dead", Double(status.messagesDead), count("dead")),
        ("messages_unknown", Double(status.messagesUnknown), count("unknown")),
        ("sent_total", Double(status.sentTotal), count("sent")),
      ]
      let doubted = snapshot.metrics["nudged_clock_doubted"]
      expected.append(("metric clock_doubted", doubted, status.isClockInDoubt ? 1 : 0))
      let next = snapshot.messages.filter { $0.state == "scheduled" && $0.reason != "held" }.map(\.dueAt).min()
      if status.nextDueAt != next {
        expected.append(("next_due_at", status.nextDueAt.map(Double.init) ?? -1, Int(next ?? -1)))
      }
    }
    for state in Self.reasons.keys {
      expected.append(
        ("metric messages \(state)", snapshot.metrics["nudged_messages{state=\"\(state)\"}"], count(state)))
    }
    for state in ["open", "cancelled", "ordered"] {
      let counted = snapshot.checkouts.count { $0.state == state }
      expected.append(("metric checkouts \(state)", snapshot.metrics["nudged_checkouts{state=\"\(state)\"}"], counted))
    }
    return expected.compactMap { name, told, counted in
      guard let told, told != Double(counted) else { return nil }
      return history.violation(.numbersEqualTables, index, "\(name) is \(told), and the tables have \(counted)")
    }
  }

  private func pages(_ snapshot: Snapshot, _ index: Int) -> [Violation] {
    var found: [Violation] = []
    func compare(_ pages: [[String]]?, with rows: [String], _ name: String) {
      guard let pages else { return }
      let listed = pages.flatMap(\.self)
      guard listed.count != rows.count || Set(listed) != Set(rows) else { return }
      found.append(
        history.violation(
          .pagesAreComplete, index, "the pages of \(name) hold \(listed.count) rows, there are \(rows.count)"))
    }
    compare(snapshot.messagePages, with: snapshot.messages.map(\.id), "messages")
    compare(snapshot.checkoutPages, with: snapshot.checkouts.map { "\($0.shop)/\($0.checkoutID)" }, "checkouts")
    let numbers = snapshot.messagePages?.flatMap(\.self).compactMap { Int($0.dropFirst(2)) } ?? []
    if zip(numbers, numbers.dropFirst()).contains(where: { $0 <= $1 }) {
      found.append(history.violation(.pagesAreComplete, index, "the messages are not listed newest first"))
    }
    return found
  }

  // MARK: From one snapshot to the next

  private func moves(from old: Snapshot, _ first: Int, to new: Snapshot, _ index: Int) -> [Violation] {
    let rows = Dictionary(new.messages.map { ($0.id, $0) }) { $1 }
    var found: [Violation] = []
    let mayShift = history.isLoose(from: first, to: index)
    for before in old.messages {
      guard let after = rows[before.id] else {
        found.append(history.violation(.statesMoveAsDrawn, index, "\(before.id) has vanished"))
        continue
      }
      if !isSame(before, after, mayShift: mayShift) {
        found.append(history.violation(.statesMoveAsDrawn, index, "\(before.id) has become another message"))
      }
      if !mayMove(before, after, first, index) {
        found.append(
          history.violation(.statesMoveAsDrawn, index, "\(before.id) went from \(before.state) to \(after.state)"))
      }
    }
    let known = Set(new.checkouts.map { "\($0.shop)/\($0.checkoutID)" })
    for row in old.checkouts where !known.contains("\(row.shop)/\(row.checkoutID)") {
      found.append(history.violation(.acknowledgedIsKept, index, "the checkout \(row.checkoutID) has vanished"))
    }
    return found
  }

  /// What a message is never changes, and its ledger only grows.
  private func isSame(_ before: MessageRow, _ after: MessageRow, mayShift: Bool) -> Bool {
    let isSameMessage =
      before.kind == after.kind && before.step == after.step && before.shop == after.shop
      && before.checkoutID == after.checkoutID && before.orderID == after.orderID
      && before.generation == after.generation && before.attempts.count <= after.attempts.count
    return isSameMessage
      && zip(before.attempts, after.attempts).allSatisfy { isSame($0, $1, mayShift: mayShift) }
  }

  /// - Parameter mayShift: times may have moved along with a clock that was in doubt.
  private func isSame(_ old: AttemptRow, _ new: AttemptRow, mayShift: Bool) -> Bool {
    guard old.id == new.id, old.outcome == nil || old.outcome == new.outcome else { return false }
    return mayShift || (old.startedAt == new.startedAt && (old.outcome == nil || old == new))
  }

  private func mayMove(_ before: MessageRow, _ after: MessageRow, _ first: Int, _ index: Int) -> Bool {
    switch before.state {
    case "scheduled", "sending": return true
    case "dead", "unknown":
      if before.state == after.state && before.reason == after.reason && before.attempts.count == after.attempts.count {
        return true
      }
      return history.wasRetried(before.id, after: first, before: index)
        || history.wasDropped(before.id, after: first, before: index)
        || after.state == "cancelled" && history.wasRetriedInVain(before.id, after: first, before: index)
    default:
      return before.state == after.state && before.reason == after.reason
    }
  }
}
