import ArgumentParser
import NudgeAPI

struct DeadVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead",
    abstract: "The messages that were given up, and what to do with them.",
    discussion: """
      These are the messages that nudged will not send by itself: `dead` ones, and those of which nobody knows whether they
      arrived (`unknown`).

      EXAMPLES
        nudgectl dead list
        nudgectl dead show m-17
        nudgectl dead retry m-17 m-18
        nudgectl dead drop m-19
      """,
    subcommands: [DeadListVerb.self, DeadShowVerb.self, DeadRetryVerb.self, DeadDropVerb.self],
    defaultSubcommand: DeadListVerb.self)

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  var daemonOptions: DaemonOptions { daemon.after(root.daemon) }
}

struct DeadListVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List them, newest first.",
    discussion: """
      EXAMPLES
        nudgectl dead list
        nudgectl dead list --reason refused --shop outlet
      """)

  enum State: String, CaseIterable, ExpressibleByArgument {
    case dead, unknown
  }

  @Option(help: "Only those in this state.") var state: State?
  @Option(help: "Only those with this reason, like refused.") var reason: String?
  @Option(help: "Only those of this shop.") var shop: String?
  @OptionGroup var page: PageOptions
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var parent: DeadVerb

  func run() async throws {
    let states = (state.map { [$0] } ?? State.allCases).map(\.rawValue).joined(separator: ",")
    let path = Client.path(["messages"], query: [("state", states), ("reason", reason), ("shop", shop)] + page.query)
    try await Session.run(daemon.after(parent.daemonOptions)) { session in
      try await session.ask(.get, path, as: MessagePage.init(json:), show: Self.show)
    }
  }

  private static func show(_ page: MessagePage) {
    guard !page.messages.isEmpty else { return Output.note("no message was given up") }
    var table = Table([
      .init("MESSAGE"), .init("KIND"), .init("STATE"), .init("REASON"), .init("OF"), .init("SINCE"), .init("ERROR"),
    ])
    for message in page.messages {
      table.add([
        "\(message.id, .bold)", "\(Words.kind(message.kind))", Words.messageState(message.state),
        "\(message.reason)", "\(message.checkoutID ?? message.orderID ?? "")",
        message.settledAt.map { Time.both($0) } ?? "", "\(message.attempts.last { $0.error != nil }?.error ?? "")",
      ])
    }
    table.show()
    PageOptions.noteMore(page.next)
  }
}

struct DeadShowVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one with its attempts.",
    discussion: """
      EXAMPLES
        nudgectl dead show m-17
      """)

  @Argument(help: "The message's id, like m-17.") var id: String
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var parent: DeadVerb

  func run() async throws {
    try await Session.run(daemon.after(parent.daemonOptions)) { session in
      try await session.ask(.get, Client.path(["messages", id]), as: MessageReply.init(json:)) { message in
        ShowVerb.show(message)
        Output.line("")
        Output.line(Explanation.of(message, closedBy: nil))
      }
    }
  }
}

struct DeadRetryVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Send them after all, unless the order has come.",
    discussion: """
      EXAMPLES
        nudgectl dead retry m-17 m-18
      """)

  @Argument(help: "The messages' ids, like m-17.") var ids: [String]
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var parent: DeadVerb

  func run() async throws {
    try await DeadVerb.each(ids, daemon.after(parent.daemonOptions), verb: "retry") { message in
      "\(message.id, .bold) goes out again: \(Time.both(message.dueAt))"
    }
  }
}

struct DeadDropVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop", abstract: "Let them go.",
    discussion: """
      EXAMPLES
        nudgectl dead drop m-17
      """)

  @Argument(help: "The messages' ids, like m-17.") var ids: [String]
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var parent: DeadVerb

  func run() async throws {
    try await DeadVerb.each(ids, daemon.after(parent.daemonOptions), verb: "drop") { message in
      "\(message.id, .bold) is dropped"
    }
  }
}

extension DeadVerb {
  /// Does it to every message, even if the daemon refuses one; then it ends as the first refusal says.
  fileprivate static func each(
    _ ids: [String], _ options: DaemonOptions, verb: String, told: (MessageReply) -> Styled
  ) async throws {
    try await Session.run(options) { session in
      var first: Failure?
      for id in ids {
        let path = Client.path(["messages", id, verb])
        do {
          try await session.ask(.post, path, as: MessageReply.init(json:)) { Output.line(told($0)) }
        } catch let error as ClientError {
          guard case .problem = error else { throw error }
          var failure = Failure(error, json: options.json)
          failure.message = "\(id): \(failure.message)"
          failure.report()
          first = first ?? Failure("", exit: failure.exit)
        }
      }
      if let first { throw first }
    }
  }
}
