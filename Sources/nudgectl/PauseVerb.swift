import ArgumentParser
import NudgeAPI

struct PauseVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Stop sending; events are still taken.",
    discussion: """
      It holds until `nudgectl resume`, over restarts too.

      EXAMPLES
        nudgectl pause
      """)

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  func run() async throws {
    try await Session.run(daemon.after(root.daemon)) { session in
      try await session.ask(.post, "/pause", as: PauseReply.init(json:)) { reply in
        Output.line(reply.paused ? "sending is \("paused", .yellow)" : "sending is not paused")
      }
    }
  }
}

struct ResumeVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Go on sending.",
    discussion: """
      Of several reminders that became due meanwhile, each checkout gets the latest only.

      EXAMPLES
        nudgectl resume
      """)

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  func run() async throws {
    try await Session.run(daemon.after(root.daemon)) { session in
      try await session.ask(.post, "/resume", as: PauseReply.init(json:)) { reply in
        Output.line(reply.paused ? "sending is still \("paused", .yellow)" : "sending \("goes on", .green)")
      }
    }
  }
}
