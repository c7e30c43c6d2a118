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
        nudgectl dead list --all
        nudgectl dead show m-17
        nudgectl dead retry m-17 m-18
        nudgectl dead retry --reason attempts_exhausted
        nudgectl dead drop m-19
      """,
    subcommands: [DeadListVerb.self, DeadShowVerb.self, DeadRetryVerb.self, DeadDropVerb.self],
    defaultSubcommand: DeadListVerb.self)

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  var daemonOptions: DaemonOptions { daemon.after(root.daemon) }
}

/// Which dead letters, but for their state.
struct DeadFilter: ParsableArguments {
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case reminder, order
  }

  @Option(help: "Only those with this reason, like refused.") var reason: String?
  @Option(help: "Only those of this shop.") var shop: String?
  @Option(help: "Only reminders, or only order messages.") var kind: Kind?

  var isGiven: Bool { reason != nil || shop != nil || kind != nil }
}

struct DeadListVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List them, newest first.",
    discussion: """
      Without --unknown or --all, only those that are dead for sure. With --json, one reply of the daemon a line.

      EXAMPLES
        nudgectl dead list
        nudgectl dead list --reason refused --shop outlet --limit 5000
        nudgectl dead list --unknown --kind order
      """)

  enum State: String, CaseIterable, EnumerableFlag {
    case dead, unknown, all

    static func help(for value: State) -> ArgumentHelp? {
      switch value {
      case .dead: "Only those that are dead."
      case .unknown: "Only those of which nobody knows whether they arrived."
      case .all: "Both."
      }
    }
  }

  @Flag(exclusivity: .exclusive) var state: State = .dead
  @OptionGroup var filter: DeadFilter
  /// What fits a screen or two.
  private static let standardLimit = 50
  @Option(help: "At most so many. (default: \(DeadListVerb.standardLimit))") var limit: Int?
  @Option(help: ArgumentHelp("Go on after the list before.", valueName: "next")) var after: String?
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var parent: DeadVerb

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1, not \(limit)") }
  }

  func run() async throws {
    try await Session.run(daemon.after(parent.daemonOptions)) { session in
      var messages: [MessageReply] = []
      var next = after
      let limit = limit ?? Self.standardLimit
      repeat {
        let reply = try await session.client.send(.get, path(limit: limit - messages.count, after: next))
        let page = try reply.reading(MessagePage.init(json:))
        if session.json { Output.data(reply.bytes, endingLine: true) }
        messages += page.messages
        next = page.next
      } while next != nil && messages.count < limit
      if !session.json { Self.show(messages, next: next) }
    }
  }

  private func path(limit: Int, after: String?) -> String {
    let states = state == .all ? "dead,unknown" : state.rawValue
    return Client.path(
      ["messages"],
      query: [
        ("state", states), ("reason", filter.reason), ("shop", filter.shop), ("kind", filter.kind?.rawValue),
        ("limit", String(min(limit, Limits.pageSize))), ("after", after),
      ])
  }

  private static func show(_ messages: [MessageReply], next: String?) {
    guard !messages.isEmpty else { return Output.note("no message was given up") }
    var table = Table([
      .init("MESSAGE"), .init("KIND"), .init("STATE"), .init("REASON"), .init("SHOP"), .init("OF"), .init("SINCE"),
      .init("ERROR"),
    ])
    for message in messages {
      table.add([
        "\(message.id, .bold)", "\(Words.kind(message.kind))", Words.messageState(message.state),
        "\(message.reason)", "\(message.shop)", "\(message.checkoutID ?? message.orderID ?? "")",
        message.settledAt.map { Time.both($0) } ?? "", "\(message.lastError ?? "")",
      ])
    }
    table.show()
    PageOptions.noteMore(next)
  }
}

extension MessageReply {
  /// What the mail server or the template said last.
  var lastError: String? { attempts.last { $0.error != nil }?.error }
}
