import ArgumentParser
import NudgeAPI

struct StatusVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Tell how the daemon is, and how much is waiting.",
    discussion: """
      EXAMPLES
        nudgectl status
        nudgectl --json status | jq .messages_dead
      """)

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  func run() async throws {
    try await Session.run(daemon.after(root.daemon)) { session in
      try await session.ask(.get, "/status", as: StatusReply.init(json:), show: Self.show)
    }
  }

  private static func show(_ status: StatusReply) {
    var facts = Facts()
    facts.add("nudged", "\(status.version), since \(Time.both(status.startedAt))")
    facts.add("sending", sending(status))
    if let quota = status.quota { facts.add("quota", Self.quota(quota)) }
    for held in status.heldTemplates { facts.add("held template", template(held)) }
    facts.add("open checkouts", "\(Words.grouped(status.counts.checkoutsOpen))")
    facts.add("messages", messages(status.counts))
    facts.add("sent", "\(Words.grouped(status.counts.sentTotal))")
    facts.add("next due", status.nextDueAt.map { Time.both($0) } ?? "nothing waits")
    if status.oldestDueLagMilliseconds >= 1_000 {
      facts.add("behind by", "\(Time.length(seconds: Int64(status.oldestDueLagMilliseconds / 1_000)), .yellow)")
    }
    facts.add("database", "\(Words.bytes(status.databaseBytes)), log \(Words.bytes(status.walBytes))")
    facts.show()
  }

  private static func sending(_ status: StatusReply) -> Styled {
    let transport = status.sender.transport
    if let moment = status.restoredFrom {
      return """
        \("waits", .yellow), \(transport): the database is a copy of \(Time.both(moment)); import the events since, then \
        `nudgectl restored`
        """
    }
    if status.paused { return "\("paused", .yellow), \(transport); `nudgectl resume` goes on" }
    guard status.sender.state == .held else { return "\("ok", .green), \(transport)" }
    let again: Styled = status.sender.probingAt.map { "; next try \(Time.both($0))" } ?? ""
    return "\("held", .red), \(transport): \(status.sender.detail ?? "no reason given")\(again)"
  }

  private static func quota(_ quota: QuotaReply) -> Styled {
    let usable = quota.usableToday.map { " of \(Words.grouped($0)) that we use" } ?? ", no limit"
    return "\(Words.grouped(quota.usedToday)) in 24 hours\(usable), asked \(Time.relative(quota.askedAt))"
  }

  private static func template(_ held: HeldTemplateReply) -> Styled {
    let waiting = Words.count(held.messages, "message waits", "messages wait")
    return """
      \(held.shop, .red), \(Words.kind(held.kind)): \(held.detail); \(waiting) since \(Time.both(held.since)), next try \
      \(Time.both(held.probingAt))
      """
  }

  private static func messages(_ counts: StatusReply.Counts) -> Styled {
    let dead: Styled = "\(Words.grouped(counts.messagesDead)) dead"
    let unknown: Styled = "\(Words.grouped(counts.messagesUnknown)) unknown"
    return """
      \(Words.grouped(counts.messagesScheduled)) scheduled, \(Words.grouped(counts.messagesSending)) on the way, \
      \(dead, counts.messagesDead > 0 ? .red : .plain), \(unknown, counts.messagesUnknown > 0 ? .yellow : .plain)
      """
  }
}
