import HTTPTypes
import NIOCore
import NudgeAPI
import NudgeDomain
import NudgeStore

extension Engine {
  private static let metricsMediaType = "text/plain; version=0.0.4; charset=utf-8"

  /// `GET /metrics`
  func metrics(_ call: Call) async throws(Problem) -> Reply {
    let summary = try await asking { () throws(StoreError) in try await store.summary(now: call.now) }
    var text = MetricsText()
    text.family("nudged_build_info", .gauge, "The version that runs.")
    text.sample(["version": version], 1)
    text.family("nudged_start_time_seconds", .gauge, "When it started, in seconds since 1970.")
    text.sample([:], seconds: startedAt.milliseconds)
    text.describe(summary)
    text.describe(await surroundings.sender(), isPaused: summary.paused)
    let held = try await asking { () throws(StoreError) in try await store.heldStreamCount() }
    text.family("nudged_templates_held", .gauge, "Templates of a shop that fail, so that what they make waits.")
    text.sample([:], held)
    text.describe(surroundings.clock())
    text.describe(connections)
    text.describe(counts.snapshot)
    return Reply(.ok, mediaType: Self.metricsMediaType, ByteBuffer(string: text.text))
  }
}

extension MetricsText {
  fileprivate mutating func describe(_ summary: Summary) {
    family("nudged_events_total", .counter, "Events that were taken, repeated ones included.")
    sample(["type": "checkout"], summary.checkoutEvents)
    sample(["type": "order"], summary.orderEvents)
    family("nudged_checkouts", .gauge, "Checkouts by state.")
    for state in Checkout.State.allCases { sample(["state": state.rawValue], summary.checkouts[state, default: 0]) }
    family("nudged_messages", .gauge, "Messages by state.")
    for state in Message.State.allCases { sample(["state": state.rawValue], summary.messages[state, default: 0]) }
    family("nudged_messages_by_reason", .gauge, "Messages by the reason for their state.")
    for reason in Reason.allCases { sample(["reason": reason.rawValue], summary.reasons[reason, default: 0]) }
    family("nudged_deliveries_total", .counter, "Hand-overs to the mail server by outcome.")
    for word in LedgerWord.allCases { sample(["outcome": word.rawValue], summary.outcomes[word, default: 0]) }
    family("nudged_sent_total", .counter, "Messages that a mail server took.")
    sample([:], summary.sentTotal)
    family("nudged_due_lag_seconds", .gauge, "How long the most overdue message has been waiting.")
    sample([:], seconds: summary.oldestDueLag.milliseconds)
    family("nudged_database_bytes", .gauge, "Size of the database file.")
    sample([:], Int(summary.databaseBytes))
    family("nudged_wal_bytes", .gauge, "Size of the write-ahead log.")
    sample([:], Int(summary.walBytes))
  }

  fileprivate mutating func describe(_ connections: Connections) {
    let count = connections.count
    family("nudged_connections", .gauge, "Clients that are connected.")
    sample([:], count.open)
    family("nudged_connections_limit", .gauge, "Clients that may be connected at once.")
    sample([:], count.limit)
  }

  fileprivate mutating func describe(_ sender: SenderReport, isPaused: Bool) {
    family(
      "nudged_sender_held", .gauge,
      "1 while something holds all mail: a problem of the server or the account, the day's quota, or the clock.")
    let isHeld = sender.state != .ok
    let isOther = sender.isUsedUp || sender.isClockDoubted
    for (reason, isReason) in [
      ("server", !isOther), ("day_quota", sender.isUsedUp), ("clock", sender.isClockDoubted),
    ] {
      sample(["transport": sender.transport, "reason": reason], isHeld && isReason ? 1 : 0)
    }
    var probe: Moment?
    if case .held(_, let until) = sender.state { probe = until }
    family("nudged_sender_held_since_seconds", .gauge, "From when mail is held, in seconds since 1970; 0 if it is not.")
    sample([:], seconds: sender.since?.milliseconds ?? 0)
    family("nudged_sender_next_probe_seconds", .gauge, "When it is tried again, in seconds since 1970; 0 if not held.")
    sample([:], seconds: probe?.milliseconds ?? 0)
    describeRate(sender)
    family("nudged_sender_paused", .gauge, "1 while a person has paused the sending.")
    sample([:], isPaused ? 1 : 0)
  }

  private mutating func describeRate(_ sender: SenderReport) {
    family("nudged_rate_per_second", .gauge, "Mails per second that go out at most just now; 0 is unlimited.")
    sample([:], seconds: Int64((sender.perSecond ?? 0) * 1_000))
    guard let quota = sender.quota else { return }
    family("nudged_quota_used", .gauge, "Mails of the account in the last 24 hours.")
    sample([:], quota.used)
    guard let usable = quota.usable else { return }
    family("nudged_quota_usable", .gauge, "The share of the account's day that is used at most.")
    sample([:], usable)
  }

  fileprivate mutating func describe(_ clock: ClockReport) {
    family("nudged_clock_doubted", .gauge, "1 while the wall clock is not believed because it jumped ahead.")
    sample([:], clock.doubtedSince == nil ? 0 : 1)
    family("nudged_clock_ahead_seconds", .gauge, "How far the wall clock is ahead of the time that is believed.")
    sample([:], seconds: clock.ahead.milliseconds)
  }

  fileprivate mutating func describe(_ counts: [RequestCounts.Key: Int]) {
    family("nudged_requests_total", .counter, "Requests to the control API that were answered.")
    let ordered = counts.sorted { ($0.key.route ?? .max, $0.key.status) < ($1.key.route ?? .max, $1.key.status) }
    for (key, count) in ordered {
      let route = key.route.map { Routes.all[$0] }
      sample(
        ["method": route?.method.rawValue ?? "", "route": route?.path ?? "", "status": String(key.status)], count)
    }
  }
}
