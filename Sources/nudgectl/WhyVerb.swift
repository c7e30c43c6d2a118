import ArgumentParser
import NudgeAPI

struct WhyVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Tell what happened to each message of a checkout, or will, and why.",
    discussion: """
      EXAMPLES
        nudgectl why c-1001
        nudgectl why c-1001 --shop outlet
      """)

  @Argument(help: "The checkout's id.") var id: String
  @Option(help: "The checkout's shop. (default: default)") var shop: String?
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  func run() async throws {
    let path = Client.path(["checkouts", id], query: [("shop", shop)])
    try await Session.run(daemon.after(root.daemon)) { session in
      try await session.ask(.get, path, as: CheckoutDetail.init(json:), show: Self.show)
    }
  }

  private static func show(_ detail: CheckoutDetail) {
    let checkout = detail.checkout
    Output.line("\(checkout.checkoutID, .bold) of \(checkout.email) is \(Words.checkoutState(checkout.state))")
    Output.line(Explanation.of(checkout))
    if detail.messages.isEmpty { Output.line("No message was ever planned for it.") }
    for message in detail.messages {
      Output.line("")
      let title = Words.kind(message.kind)
      Output.line(
        "\(title.prefix(1).uppercased() + title.dropFirst(), .bold)  \(Words.messageState(message.state))  \(message.reason, .dim)  \(message.id, .dim)"
      )
      Output.line("  \(Explanation.of(message, closedBy: checkout.closedBy))")
    }
  }
}
