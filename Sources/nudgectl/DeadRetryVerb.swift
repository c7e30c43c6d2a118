import ArgumentParser
import NudgeAPI

struct DeadRetryVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Send them after all, unless the order has come.",
    discussion: """
      Name the messages, or say which: all of a reason, a shop, a kind or a state. Order and address are looked at again
      first: what is not wanted any more is not sent, and cancelled if it was dead. A message of unknown fate may
      arrive twice.

      EXAMPLES
        nudgectl dead retry m-17 m-18
        nudgectl dead retry --reason attempts_exhausted
        nudgectl dead retry --state unknown --kind order --yes
      """)

  @OptionGroup var choice: DeadChoice
  @Flag(help: "Send many messages of unknown fate again, though they may arrive twice.") var yes = false
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var parent: DeadVerb

  func validate() throws {
    if choice.isMany && choice.request.state == .unknown && !yes {
      throw ValidationError("these may have arrived, and would arrive twice: say --yes if that is wanted")
    }
  }

  func run() async throws {
    try await choice.run(.retry, daemon.after(parent.daemonOptions)) { message in
      "\(message.id, .bold) goes out again: \(Time.both(message.dueAt))"
    }
  }
}

struct DeadDropVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop", abstract: "Let them go.",
    discussion: """
      Name the messages, or say which: all of a reason, a shop, a kind or a state.

      EXAMPLES
        nudgectl dead drop m-17
        nudgectl dead drop --reason render_failed --shop outlet
      """)

  @OptionGroup var choice: DeadChoice
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var parent: DeadVerb

  func run() async throws {
    try await choice.run(.drop, daemon.after(parent.daemonOptions)) { message in
      "\(message.id, .bold) is dropped"
    }
  }
}

/// Which dead letters: some by name, or all of a sort.
struct DeadChoice: ParsableArguments {
  enum State: String, CaseIterable, ExpressibleByArgument {
    case dead, unknown
  }

  @Argument(help: "The messages' ids, like m-17.") var ids: [String] = []
  @Option(help: "All in this state. (default: dead; unknown with --reason unknown)") var state: State?
  @OptionGroup var filter: DeadFilter

  /// Very many dead letters take their time.
  private static let patience = Duration.seconds(3_600)

  var isMany: Bool { ids.isEmpty }

  func validate() throws {
    let isFiltered = state != nil || filter.isGiven
    if ids.isEmpty && !isFiltered {
      throw ValidationError("name the messages, or say which by --reason, --shop, --kind or --state")
    }
    if !ids.isEmpty && isFiltered { throw ValidationError("name messages, or say which, not both") }
  }

  var request: DeadLettersRequest {
    let unsaid: State = filter.reason == State.unknown.rawValue ? .unknown : .dead
    return DeadLettersRequest(
      state: (state ?? unsaid) == .dead ? .dead : .unknown, reason: filter.reason, shop: filter.shop,
      kind: filter.kind.map { $0 == .order ? .order : .reminder })
  }

  func run(
    _ verb: DeadLettersReply.Verb, _ options: DaemonOptions, told: (MessageReply) -> Styled
  ) async throws {
    try await Session.run(options) { session in
      isMany ? try await many(verb, session) : try await each(verb, session, told: told)
    }
  }

  private func many(_ verb: DeadLettersReply.Verb, _ session: Session) async throws {
    let reply = try await session.client.send(
      .post, Client.path(["messages", verb.rawValue]), body: request.json.bytes, patience: Self.patience)
    let answer = try reply.reading { (json) throws(ReplyError) in try DeadLettersReply(json: json, verb: verb) }
    if session.json { Output.data(reply.bytes, endingLine: true) } else { show(answer) }
    let unreachable = answer.rest.first { $0.reason == "address" }?.count ?? 0
    guard unreachable > 0 else { return }
    throw Failure("\(Words.count(unreachable, "message")) cannot be sent to the address that is known", exit: .refused)
  }

  private func show(_ reply: DeadLettersReply) {
    let done = Words.count(reply.done, "message")
    Output.line(reply.verb == .retry ? "\(done, .bold) to go out again" : "\(done, .bold) dropped")
    for rest in reply.rest {
      let ids = rest.ids.prefix(Self.idsShown).joined(separator: ", ")
      let more = rest.count > Self.idsShown ? ", …" : ""
      Output.line(
        "\(Words.count(rest.count, "message"), .bold) left: \(Self.sentence(rest.reason, request.state)): \(ids)\(more)"
      )
    }
  }

  private static let idsShown = 10

  private static func sentence(_ reason: String, _ state: DeadLettersRequest.State) -> String {
    let now = state == .dead ? "cancelled now" : "still unknown"
    return switch reason {
    case "ordered": "the order has come; \(now)"
    case "checkout_cancelled": "the shopper emptied the cart; \(now)"
    case "checkout_changed": "the cart changed, and newer reminders take their place; \(now)"
    case "address": "no mail can go to the address that is known"
    case "settled": "somebody else was quicker"
    default: reason
    }
  }

  /// Does it to every message, even if the daemon refuses one; then it ends as the first refusal says.
  private func each(
    _ verb: DeadLettersReply.Verb, _ session: Session, told: (MessageReply) -> Styled
  ) async throws {
    var first: Failure?
    for id in ids {
      let path = Client.path(["messages", id, verb.rawValue])
      do {
        try await session.ask(.post, path, as: MessageReply.init(json:)) { Output.line(told($0)) }
      } catch let error as ClientError {
        guard case .problem = error else { throw error }
        var failure = Failure(error, json: session.json)
        failure.message = "\(id): \(failure.message)"
        failure.report()
        first = first ?? Failure("", exit: failure.exit)
      }
    }
    if let first { throw first }
  }
}
