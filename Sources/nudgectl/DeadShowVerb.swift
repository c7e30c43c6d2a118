import ArgumentParser
import NudgeAPI

struct DeadShowVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one with its attempts, the server's last answer, and the mail.",
    discussion: """
      The mail is the one that a retry would send now. With --format html or eml, or with --output, it is all that is shown.

      EXAMPLES
        nudgectl dead show m-17
        nudgectl dead show m-17 --format eml --output m-17.eml
      """)

  @Argument(help: "The message's id, like m-17.") var id: String
  @OptionGroup var form: MailForm
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var parent: DeadVerb

  func run() async throws {
    let mailPath = Client.path(["messages", id, "mail"])
    try await Session.run(daemon.after(parent.daemonOptions)) { session in
      guard !form.isGiven else { return try await form.show(.get, mailPath, in: session) }
      let reply = try await session.client.send(.get, Client.path(["messages", id]))
      if session.json { return Output.data(reply.bytes, endingLine: true) }
      Self.show(try reply.reading(MessageReply.init(json:)))
      Output.line("")
      try await Self.showMail(mailPath, in: session)
    }
  }

  /// A mail that cannot be written is told with the reason, and no failure: it may be what somebody wants to know.
  private static func showMail(_ path: String, in session: Session) async throws {
    do throws(ClientError) {
      MailForm.show(try await session.client.send(.get, path).reading(PreviewReply.init(json:)))
    } catch {
      guard case .problem(let problem, _) = error, problem.code == .invalid else { throw error }
      Output.line("\(problem.detail, .red)")
    }
  }

  private static func show(_ message: MessageReply) {
    var facts = Facts()
    facts.add("message", "\(message.id, .bold), \(Words.kind(message.kind)), of shop \(message.shop)")
    facts.add("state", "\(Words.messageState(message.state)) (\(message.reason))")
    facts.add("checkout", message.checkoutID.map { "\($0)" })
    facts.add("order", message.orderID.map { "\($0)" })
    facts.add("went to", "\(message.email)")
    facts.add("due", Time.both(message.dueAt))
    facts.add("settled", message.settledAt.map { Time.both($0) })
    facts.show()
    showLedger(message.attempts)
    if let error = message.lastError {
      Output.line("\nLast answer:")
      let columns = Terminal.columns.map { $0 - 2 }
      for line in Wrapping.lines(of: Visible.text(error), columns: columns) { Output.text("  " + line) }
    }
    Output.line("")
    Output.line(Explanation.of(message, closedBy: nil))
  }

  private static func showLedger(_ attempts: [AttemptReply]) {
    guard !attempts.isEmpty else { return }
    Output.line("")
    var table = Table([
      .init("ATTEMPT"), .init("BEGAN"), .init("ENDED"), .init("OUTCOME"), .init("PROVIDER'S ID"), .init("ERROR"),
    ])
    for attempt in attempts {
      table.add([
        "\(attempt.id, .bold)", "\(Time.absolute(attempt.startedAt))",
        "\(attempt.settledAt.map { Time.absolute($0) } ?? "")", "\(attempt.outcome ?? "under way")",
        "\(attempt.providerID ?? "")", "\(attempt.error ?? "")",
      ])
    }
    table.show()
  }
}
