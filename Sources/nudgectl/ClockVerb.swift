import ArgumentParser
import NudgeAPI

struct ClockVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clock",
    abstract: "What the machine's clock shows, and whether nudged believes it.",
    discussion: """
      A clock that jumps far ahead is not believed, because all that waits would seem due at once. Then no mail goes out,
      while events are taken, until the clock comes back, a time server has vouched for it for some time, or somebody
      accepts it.

      EXAMPLES
        nudgectl clock
        nudgectl clock accept
      """,
    subcommands: [ClockStatusVerb.self, ClockAcceptVerb.self],
    defaultSubcommand: ClockStatusVerb.self)

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  var daemonOptions: DaemonOptions { daemon.after(root.daemon) }
}

struct ClockStatusVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Tell what it shows, and what it should show.",
    discussion: """
      EXAMPLES
        nudgectl clock status
        nudgectl --json clock status | jq .jump_ms
      """)

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var clock: ClockVerb

  func run() async throws {
    try await Session.run(daemon.after(clock.daemonOptions)) { session in
      try await session.ask(.get, "/clock", as: ClockReply.init(json:), show: Self.show)
    }
  }

  static func show(_ clock: ClockReply) {
    var facts = Facts()
    facts.add("clock", "\(Time.absolute(clock.wallAt))")
    guard let since = clock.doubtedSince else {
      facts.add("believed", "\("yes", .green)\(clock.isSynchronised ? ", and a time server keeps it right" : "")")
      return facts.show()
    }
    facts.add("expected", "\(Time.absolute(clock.expectedAt))")
    facts.add("jump", "\(Time.length(seconds: Int64(clock.jumpMilliseconds / 1_000)), .red) ahead")
    facts.add("believed", "\("no", .red), since \(Time.absolute(since)): no mail goes out")
    facts.add("time server", "\(clock.isSynchronised ? "vouches for the clock" : "does not vouch for the clock")")
    facts.add("accept it", "\("`nudgectl clock accept`, if the clock is right")")
    facts.show()
  }
}

struct ClockAcceptVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept", abstract: "Say that the clock is right: mail goes out again.",
    discussion: """
      What became due by it goes out, or is skipped where it is later than `max_late`. What was heard since the jump counts
      from when it was heard by the accepted clock.

      EXAMPLES
        nudgectl clock accept
      """)

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var clock: ClockVerb

  func run() async throws {
    try await Session.run(daemon.after(clock.daemonOptions)) { session in
      try await session.ask(.post, "/clock/accept", as: ClockAcceptance.init(json:)) { reply in
        let now = Time.absolute(reply.clock.wallAt)
        Output.line(
          reply.accepted ? "the clock is \("believed", .green): it is \(now)" : "nobody doubted the clock: it is \(now)"
        )
      }
    }
  }
}
