import ArgumentParser
import NudgeAPI

struct CheckVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Look whether all is well, without sending anything.",
    discussion: """
      It exits with 1 if something does not work.

      EXAMPLES
        nudgectl check
      """)

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  func run() async throws {
    try await Session.run(daemon.after(root.daemon)) { session in
      let reply = try await session.client.send(.post, "/check")
      let check = try reply.reading(CheckReply.init(json:))
      if session.json { Output.data(reply.bytes, endingLine: true) } else { Self.show(check) }
      let broken = check.findings.count { $0.level == .error }
      if broken > 0 { throw Failure("\(Words.count(broken, "thing")) must be mended", exit: .failed) }
    }
  }

  private static func show(_ check: CheckReply) {
    var table = Table([.init(""), .init("WHERE"), .init("WHAT")])
    for finding in check.findings { table.add([mark(finding.level), "\(finding.place)", "\(finding.detail)"]) }
    table.show()
  }

  private static func mark(_ level: CheckReply.Level) -> Styled {
    switch level {
    case .ok: "\("ok", .green)"
    case .warning: "\("warning", .yellow)"
    case .error: "\("error", .red)"
    }
  }
}
