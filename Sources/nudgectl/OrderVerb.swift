import ArgumentParser
import NudgeAPI

struct OrderVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "order",
    abstract: "Tell that an order was placed: no reminder goes out after it.",
    discussion: """
      It ends the checkout that it names, and every older one of the same shopper. Telling it twice does nothing.

      EXAMPLES
        nudgectl order --id o-7 --checkout c-1001
        nudgectl order --id o-8 --email ann@example.com --item Mug:2:12.50 --total 25.00 --currency EUR
        nudgectl order order.json
      """)

  @OptionGroup var source: EventSource
  @Option(help: "The order's id.") var id: String?
  @Option(help: ArgumentHelp("The id of the checkout that it ends.", valueName: "id")) var checkout: String?
  @OptionGroup var flags: EventFlags
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  func validate() throws {
    try source.validate(isDescribed: id != nil || checkout != nil || flags.isUsed)
    if source.file == nil && id == nil { throw ValidationError("--id is missing") }
  }

  func run() async throws {
    let body =
      try source.file.map { path throws in try Input(path).event() }
      ?? flags.json([("order_id", id), ("checkout_id", checkout)]).bytes
    try await Session.run(daemon.after(root.daemon)) { session in
      try await session.ask(.post, "/order", body: body, as: OrderReply.init(json:), show: Self.show)
    }
  }

  private static func show(_ reply: OrderReply) {
    let closed = reply.closed.joined(separator: ", ")
    Output.line("order \(reply.orderID, .bold) is recorded")
    Output.line(reply.closed.isEmpty ? "it ended nothing that was not ended before" : "it ended \(closed)")
    if reply.remindersCancelled > 0 { Output.line("reminders cancelled: \(reply.remindersCancelled)") }
    if reply.remindersInFlight > 0 {
      Output.line("\("already on their way to the mail server:", .yellow) \(reply.remindersInFlight)")
    }
    Output.line("order message: \(reply.orderMessage == .queued ? "queued" : "none")")
  }
}
