import ArgumentParser
import NudgeAPI

struct TestSendVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test-send",
    abstract: "Send one mail to an address of your own, and tell what the mail server says.",
    discussion: """
      The mail is made of a sample or of an event with the shop's templates, and marked as a test. It goes out at once, even
      while mail is held or sending is paused, and leaves no trace but who sent it where.

      It exits with 0 if the mail server took it, 75 if it cannot just now, 65 if it refused it, and 1 if it did not say.

      EXAMPLES
        nudgectl test-send --to me@example.com
        nudgectl test-send --to me@example.com order --shop outlet --locale de-AT
        nudgectl test-send --to me@example.com reminder --step 2 --event checkout.json
      """)

  @Option(help: ArgumentHelp("Where it goes.", valueName: "address")) var to: String
  @OptionGroup var subject: MailSubject
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  /// A slow mail server takes its time.
  private static let patience = Duration.seconds(900)

  func run() async throws {
    let body = JSON.object([JSON.Member("to", .string(to))] + (try subject.members())).bytes
    try await Session.run(daemon.after(root.daemon)) { session in
      let reply = try await session.client.send(.post, "/test-send", body: body, patience: Self.patience)
      let answer = try reply.reading(TestSendReply.init(json:))
      if session.json { Output.data(reply.bytes, endingLine: true) } else { Self.show(answer) }
      if let failure = Self.failure(answer) { throw failure }
    }
  }

  private static func show(_ answer: TestSendReply) {
    var facts = Facts()
    facts.add("outcome", outcome(answer))
    facts.add("provider's id", answer.providerID.map { "\($0)" })
    facts.add("said", answer.error.map { "\($0)" })
    facts.add("from", "\(answer.from)")
    facts.add("to", "\(answer.to)")
    facts.add("subject", "\(answer.subject)")
    facts.add("message", "\(answer.messageID)")
    facts.show()
    if let held = answer.held { Output.note("other mail is held: \(held)") }
  }

  private static func outcome(_ answer: TestSendReply) -> Styled {
    switch answer.outcome {
    case .accepted: "\("accepted", .green) by \(answer.transport)"
    case .deferred: "\("deferred", .yellow) by \(answer.transport)"
    case .refused: "\("refused", .red) by \(answer.transport)"
    case .unknown: "\("unknown", .yellow), by \(answer.transport)"
    }
  }

  private static func failure(_ answer: TestSendReply) -> Failure? {
    switch answer.outcome {
    case .accepted: nil
    case .deferred: Failure("the mail server cannot take it just now", exit: .tryAgain)
    case .refused: Failure("the mail server refused it", exit: .refused)
    case .unknown: Failure("the mail server did not say whether it took it", exit: .failed)
    }
  }
}
