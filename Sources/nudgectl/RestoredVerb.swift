import ArgumentParser
import NudgeAPI

struct RestoredVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restored",
    abstract: "Take on a database that was restored from a backup.",
    discussion: """
      A backup does not know what was sent after it was made, so nudged sends nothing on one until it is told. First \
      import the events since the backup, then say what became of the messages that were due since:

        unknown  They may have been sent. None goes out by itself; `nudgectl dead list --unknown` lists them, and
                 `dead retry` sends those that you name.
        unsent   None was sent, because the daemon was paused or stopped before the backup. They go out now.

      EXAMPLES
        nudgectl import since-the-backup.ndjson && nudgectl restored unknown
      """)

  @Argument(help: "What became of the messages that were due since the backup: unknown or unsent.")
  var messages: RestoredRequest.SinceCopy
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  func run() async throws {
    let body = RestoredRequest(sinceCopy: messages).json.bytes
    try await Session.run(daemon.after(root.daemon)) { session in
      try await session.ask(.post, "/restored", body: body, as: RestoredReply.init(json:)) { reply in
        guard let moment = reply.restoredFrom else { return Output.line("the database is no copy that waits for this") }
        let unknown = Words.count(reply.unknown, "message is of unknown fate", "messages are of unknown fate")
        Output.line("took on the copy of \(Time.both(moment)): \(unknown)")
        Output.line(reply.paused ? "sending is \("paused", .yellow)" : "sending \("goes on", .green)")
      }
    }
  }
}

extension RestoredRequest.SinceCopy: ExpressibleByArgument {}
