import ArgumentParser
import NudgeAPI

struct WhyVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Tell what happened to each message of a checkout or an order, or will, and why.",
    discussion: """
      EXAMPLES
        nudgectl why c-1001
        nudgectl why c-1001 --shop outlet
        nudgectl why o-7
      """)

  @Argument(help: "The checkout's id, or an order's.") var id: String
  @Option(help: "Its shop. (default: default)") var shop: String?
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  func run() async throws {
    try await Session.run(daemon.after(root.daemon)) { session in
      do {
        let path = Client.path(["checkouts", id], query: [("shop", shop)])
        try await session.ask(.get, path, as: CheckoutDetail.init(json:), show: Self.show)
      } catch let error as ClientError where error.isNotFound {
        let path = Client.path(["orders", id], query: [("shop", shop)])
        try await session.ask(.get, path, as: OrderDetail.init(json:), show: Self.show)
      }
      try await session.tellWhatHolds()
    }
  }

  private static func show(_ order: OrderDetail) {
    Output.line("order \(order.orderID, .bold) came on \(Time.both(order.createdAt))")
    Output.line(Explanation.of(order))
    for message in order.messages { show(message, closedBy: order.orderID) }
  }

  private static func show(_ detail: CheckoutDetail) {
    let checkout = detail.checkout
    Output.line("\(checkout.checkoutID, .bold) of \(checkout.email) is \(Words.checkoutState(checkout.state))")
    Output.line(Explanation.of(checkout))
    if detail.messages.isEmpty { Output.line("No message was ever planned for it.") }
    for message in detail.messages { show(message, closedBy: checkout.closedBy) }
  }

  private static func show(_ message: MessageReply, closedBy order: String?) {
    let title = Words.kind(message.kind)
    Output.line("")
    Output.line(
      "\(title.prefix(1).uppercased() + title.dropFirst(), .bold)  \(Words.messageState(message.state))  \(message.reason, .dim)  \(message.id, .dim)"
    )
    Output.line("  \(Explanation.of(message, closedBy: order))")
    for action in message.actions { Output.line("  \(Explanation.of(action))") }
  }
}

extension Session {
  /// What holds all mail, if something does: no message says it of itself. A script gets the answer alone.
  fileprivate func tellWhatHolds() async throws {
    guard !json else { return }
    let status = try await client.send(.get, "/status").reading(StatusReply.init(json:))
    if status.paused { Output.line("\nSending is \("paused", .yellow): nothing goes out until `nudgectl resume`.") }
    guard status.sender.state == .held else { return }
    Output.line("\nAll mail is \("held", .red): \(status.sender.detail ?? "no reason given").")
  }
}
