import ArgumentParser
import NudgeAPI

struct CheckVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Look whether all is well and mail has a chance to arrive, without sending anything.",
    discussion: """
      It looks at the daemon, at what the shops write, and at what DNS says of the domains that mail comes from: MX, \
      SPF, DKIM, DMARC. What is to be published is printed as a line for a zone file. It takes at most half a minute, \
      and exits with 1 if something does not work.

      EXAMPLES
        nudgectl check
        nudgectl --json check | jq -r '.findings[].publish | values'
      """)

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  func run() async throws {
    try await Session.run(daemon.after(root.daemon)) { session in
      let reply = try await session.client.send(.post, "/check", patience: Self.patience)
      let check = try reply.reading(CheckReply.init(json:))
      if session.json { Output.data(reply.bytes, endingLine: true) } else { Self.show(check) }
      let broken = check.findings.count { $0.level == .error }
      if broken > 0 { throw Failure("\(Words.count(broken, "thing")) must be mended", exit: .failed) }
    }
  }

  /// DNS and SES have their own bounds, which end before.
  private static let patience = Duration.seconds(60)

  /// A group at a time, in the order in which they come first.
  private static func show(_ check: CheckReply) {
    var groups: [String] = []
    for finding in check.findings where !groups.contains(finding.group) { groups.append(finding.group) }
    let width = check.findings.map { DisplayWidth.of(topic(of: $0)) }.max() ?? 0
    for (number, group) in groups.enumerated() {
      if number > 0 { Output.line("") }
      Output.line("\(group, .bold)")
      for finding in check.findings where finding.group == group { show(finding, width: width) }
    }
  }

  private static func show(_ finding: CheckReply.Finding, width: Int) {
    let topic = topic(of: finding)
    let padding = String(repeating: " ", count: width - DisplayWidth.of(topic))
    Output.line("  \(mark(finding.level))  \(topic)\(padding)  \(finding.detail)")
    guard let publish = finding.publish else { return }
    let indent = String(repeating: " ", count: markWidth + width + 6)
    Output.line("\(indent)\("publish:", .dim) \(publish, .cyan)")
  }

  /// Where it is, as far as the heading does not say it.
  private static func topic(of finding: CheckReply.Finding) -> String {
    let end = " of \(finding.group)"
    return finding.place.hasSuffix(end) ? String(finding.place.dropLast(end.count)) : finding.place
  }

  private static let markWidth = CheckReply.Level.allCases.map(\.rawValue.count).max() ?? 0

  private static func mark(_ level: CheckReply.Level) -> Styled {
    let padding = String(repeating: " ", count: markWidth - level.rawValue.count)
    switch level {
    case .ok: return "\("ok", .green)\(padding)"
    case .warning: return "\("warning", .yellow)\(padding)"
    case .error: return "\("error", .red)\(padding)"
    }
  }
}
