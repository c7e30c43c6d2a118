import ArgumentParser
import NudgeAPI

struct CheckoutVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkout",
    abstract: "Tell that a checkout began, changed or was emptied.",
    discussion: """
      The same checkout again with the same content changes nothing. An event with "items": [] cancels it.

      EXAMPLES
        nudgectl checkout --id c-1001 --email ann@example.com --name Ann \\
          --item Mug:2:12.50 --item 'Tea: green' --total 31.90 --currency EUR
        nudgectl checkout event.json
        echo '{"checkout_id": "c-1001", "email": "ann@example.com"}' | nudgectl checkout -
      """)

  @OptionGroup var source: EventSource
  @Option(help: "The checkout's id.") var id: String?
  @OptionGroup var flags: EventFlags
  @Option(help: ArgumentHelp("The shopper's language, like de-DE.", valueName: "tag")) var locale: String?
  @Option(help: ArgumentHelp("The shopper's time zone, like Europe/Berlin.", valueName: "name")) var timeZone: String?
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  func validate() throws {
    try source.validate(isDescribed: isDescribed)
    if source.file == nil && id == nil { throw ValidationError("--id is missing") }
    if source.file == nil && flags.email == nil { throw ValidationError("--email is missing") }
  }

  private var isDescribed: Bool { id != nil || locale != nil || timeZone != nil || flags.isUsed }

  func run() async throws {
    let body = try source.file.map { path throws in try Input(path).event() } ?? json.bytes
    try await Session.run(daemon.after(root.daemon)) { session in
      try await session.ask(.post, "/checkout", body: body, as: CheckoutReply.init(json:), show: Self.show)
    }
  }

  private var json: JSON {
    let members: [(String, String?)] = [("checkout_id", id), ("locale", locale), ("time_zone", timeZone)]
    return flags.json(members)
  }

  private static func show(_ reply: CheckoutReply) {
    let changed: Styled = reply.changed ? "" : ", as before"
    Output.line("\(reply.checkoutID, .bold) is \(Words.checkoutState(reply.state))\(changed)")
    if let next = reply.nextReminderAt { Output.line("next reminder: \(Time.both(next))") }
  }
}
