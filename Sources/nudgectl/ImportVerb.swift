import ArgumentParser
import NudgeAPI

struct ImportVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Tell about many events: one as JSON a line.",
    discussion: """
      Each line says its type: {"type": "checkout", …} or {"type": "order", …}. A bad line is refused alone; then the exit
      status is 65. Importing a file twice does nothing twice.

      EXAMPLES
        nudgectl import events.ndjson
        zcat events.ndjson.gz | nudgectl import -
      """)

  @Argument(
    help: "A file with an event on each line; - for standard input.",
    completion: .file(extensions: ["ndjson", "jsonl", "json"]))
  var file: String
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  func run() async throws {
    let input = try Input(file)
    defer { input.close() }
    let progress = ProgressBar(total: input.size)
    try await Session.run(daemon.after(root.daemon)) { session in
      let reply: Reply
      do {
        reply = try await session.client.events(InputChunks(input: input, progress: progress.advance(to:)))
      } catch {
        progress.clear()
        throw error
      }
      let events = try reply.reading(EventsReply.init(json:))
      progress.clear()
      if session.json { Output.data(reply.bytes, endingLine: true) }
      Self.report(events, in: progress.elapsed, isData: !session.json)
      guard events.rejected.isEmpty else { throw Failure("", exit: .refused) }
    }
  }

  private static func report(_ events: EventsReply, in elapsed: Duration, isData: Bool) {
    for rejection in events.rejected { Output.note(line(rejection)) }
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    let rate = Words.grouped(Int(Double(events.accepted) / max(seconds, 0.001)))
    if events.rejectedMore > 0 { Output.note("and \(Words.count(events.rejectedMore, "more line"))") }
    let count = events.rejected.count + events.rejectedMore
    let rejected: Styled = count == 0 ? "" : ", \("\(Words.grouped(count)) rejected", .red)"
    let summary: Styled = "\(Words.count(events.accepted, "event")) accepted\(rejected), \(rate)/s"
    if isData { Output.line(summary) } else { Output.note(summary) }
  }

  private static func line(_ rejection: EventsReply.Rejection) -> Styled {
    let problem = rejection.problem
    guard !problem.errors.isEmpty else { return "\("line \(rejection.line)", .bold): \(problem.detail)" }
    let errors = problem.errors.map { "\($0.pointer.isEmpty ? "the line" : $0.pointer) \($0.detail)" }
    return "\("line \(rejection.line)", .bold): \(errors.joined(separator: "; "))"
  }
}
