import ArgumentParser
import NudgeAPI

struct PreviewVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract: "Show the mail that would be sent, without sending it.",
    discussion: """
      Without an event, the mail is made of a sample.

      EXAMPLES
        nudgectl preview reminder --step 2
        nudgectl preview reminder --event checkout.json --format html > preview.html
        nudgectl preview order --shop outlet --format eml
      """)

  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case reminder, order
  }

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, html, eml
  }

  @Argument(help: "What to show.") var kind: Kind
  @Option(help: ArgumentHelp("Which reminder of the schedule. (default: 1)", valueName: "n")) var step: Int?
  @Option(
    help: ArgumentHelp("A file with a checkout or an order as JSON; - for standard input.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var event: String?
  @Option(help: "Whose templates, if no event is given. (default: default)") var shop: String?
  @Option(help: "What to print.") var format: Format = .text
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  func validate() throws {
    if kind == .order && step != nil { throw ValidationError("--step belongs to a reminder") }
    if event != nil && shop != nil { throw ValidationError("the event says its shop: leave --shop out") }
    if let step, !PreviewRequest.steps.contains(step) {
      throw ValidationError("--step must be from 1 to \(PreviewRequest.steps.upperBound), not \(step)")
    }
  }

  func run() async throws {
    let body = try body()
    try await Session.run(daemon.after(root.daemon)) { session in
      try await session.ask(.post, "/preview", body: body, as: PreviewReply.init(json:), show: show)
    }
  }

  private func body() throws -> [UInt8] {
    var members = [JSON.Member("kind", .string(kind.rawValue))]
    if let step { members.append(JSON.Member("step", JSON(step))) }
    if let shop { members.append(JSON.Member("shop", .string(shop))) }
    if let event { members.append(JSON.Member("event", try Self.json(in: event))) }
    return JSON.object(members).bytes
  }

  private static func json(in path: String) throws -> JSON {
    let bytes = try Input(path).event()
    do { return try JSON(parsing: bytes) } catch {
      throw Failure("\(path) is not JSON: \(error.description)", exit: .refused)
    }
  }

  private func show(_ preview: PreviewReply) {
    let text =
      switch format {
      case .text: "Subject: \(preview.subject)\n\n\(preview.text)"
      case .html: preview.html
      case .eml: preview.eml
      }
    Output.data(Array((Output.isTerminal ? Visible.lines(text) : text).utf8), endingLine: true)
  }
}
