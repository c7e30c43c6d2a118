import ArgumentParser
import NudgeAPI

struct ShowVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show one checkout, or one message, with every attempt to send.",
    discussion: """
      EXAMPLES
        nudgectl show c-1001
        nudgectl show c-1001 --shop outlet
        nudgectl show m-17
      """)

  @Argument(help: "The checkout's id, or a message's, like m-17.") var id: String
  @Option(help: "The checkout's shop. (default: default)") var shop: String?
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  func run() async throws {
    try await Session.run(daemon.after(root.daemon)) { session in
      do {
        let path = Client.path(["checkouts", id], query: [("shop", shop)])
        try await session.ask(.get, path, as: CheckoutDetail.init(json:), show: Self.show)
      } catch let error as ClientError {
        guard error.isNotFound, Self.isMessage(id) else { throw error }
        try await session.ask(.get, Client.path(["messages", id]), as: MessageReply.init(json:), show: Self.show)
      }
    }
  }

  private static func isMessage(_ id: String) -> Bool {
    id.hasPrefix("m-") && id.count > 2 && id.dropFirst(2).allSatisfy(\.isNumber)
  }

  private static func show(_ detail: CheckoutDetail) {
    let checkout = detail.checkout
    var facts = Facts()
    facts.add("checkout", "\(checkout.checkoutID, .bold)")
    facts.add("shop", "\(checkout.shop)")
    facts.add("state", Words.checkoutState(checkout.state))
    facts.add("order", (checkout.closedBy ?? checkout.orderID).map { "\($0)" })
    facts.add("shopper", "\(detail.cart.name.map { "\($0), " } ?? "")\(checkout.email)")
    facts.add("customer", checkout.customerID.map { "\($0)" })
    facts.add("happened", Time.both(checkout.occurredAt))
    facts.add("closed", checkout.closedAt.map { Time.both($0) })
    facts.add("version", "\(checkout.generation)")
    facts.add("link", detail.cart.url.map { "\($0)" })
    facts.add("total", detail.cart.total.map { "\($0) \(detail.cart.currency ?? "")" })
    facts.add("next reminder", checkout.nextReminderAt.map { Time.both($0) })
    facts.show()
    show(detail.cart)
    for message in detail.messages {
      Output.line("")
      show(message)
    }
  }

  private static func show(_ cart: CartContent) {
    guard let items = cart.items, !items.isEmpty else { return }
    Output.line("")
    var table = Table([.init("ITEM"), .init("QUANTITY", .right), .init("PRICE", .right)])
    for item in items { table.add(["\(item.name)", "\(item.quantity)", "\(item.price ?? "")"]) }
    table.show()
  }

  static func show(_ message: MessageReply) {
    var facts = Facts()
    facts.add("message", "\(message.id, .bold), \(Words.kind(message.kind))")
    facts.add("state", "\(Words.messageState(message.state)) (\(message.reason))")
    facts.add("to", "\(message.email)")
    facts.add("due", Time.both(message.dueAt))
    facts.add("settled", message.settledAt.map { Time.both($0) })
    for attempt in message.attempts { facts.add("attempt", line(attempt)) }
    for action in message.actions { facts.add("operator", line(action)) }
    facts.show()
  }

  private static func line(_ action: OperatorActionReply) -> Styled {
    let process: Styled = action.pid.map { ", process \($0)" } ?? ""
    return "\(Time.absolute(action.at)) \(action.action) by \(Words.operator(action))\(process): \(action.result)"
  }

  private static func line(_ attempt: AttemptReply) -> Styled {
    let provider: Styled = attempt.providerID.map { ", \($0)" } ?? ""
    let error: Styled = attempt.error.map { ": \($0)" } ?? ""
    return "\(attempt.id) \(Time.absolute(attempt.startedAt)) \(attempt.outcome ?? "under way")\(provider)\(error)"
  }
}

extension ClientError {
  var isNotFound: Bool {
    guard case .problem(let problem, _) = self else { return false }
    return problem.code == .notFound
  }
}
