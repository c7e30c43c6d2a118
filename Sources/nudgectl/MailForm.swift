import ArgumentParser
import Foundation
import NudgeAPI

/// How a mail is shown, and where.
struct MailForm: ParsableArguments {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, html, eml
  }

  @Option(help: "What to show. (default: text, or what the name of the output ends with)") var format: Format?
  @Option(
    name: [.short, .long], help: ArgumentHelp("Write it to this file instead.", valueName: "file"), completion: .file())
  var output: String?

  var isGiven: Bool { format != nil || output != nil }

  /// Asks for a mail and shows it.
  func show(_ method: Client.Method, _ path: String, body: [UInt8]? = nil, in session: Session) async throws {
    let reply = try await session.client.send(method, path, body: body)
    let mail = try reply.reading(PreviewReply.init(json:))
    if let output { try write(mail, to: output) }
    if session.json { return Output.data(reply.bytes, endingLine: true) }
    guard output == nil else { return }
    switch chosen {
    case .text: Self.show(mail)
    case .html, .eml:
      let text = self.text(of: mail)
      Output.data(Array((Output.isTerminal ? Visible.lines(text) : text).utf8), endingLine: true)
    }
  }

  /// For people: as wide as the terminal, without what could move its cursor.
  static func show(_ mail: PreviewReply) {
    for (name, value) in headers(of: mail) { Output.line("\(name + ":", .dim) \(value, .bold)") }
    Output.line("")
    var lines = mail.text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.drop { $0 == "\r" } }
    while lines.last?.isEmpty == true { lines.removeLast() }
    for line in lines {
      for part in Wrapping.lines(of: Visible.lines(String(line)), columns: Terminal.columns) { Output.text(part) }
    }
  }

  private static func headers(of mail: PreviewReply) -> [(String, String)] {
    [("Subject", mail.subject)]
      + [("From", mail.from), ("To", mail.to)].compactMap { name, value in
        value.map { (name, $0) }
      }
  }

  private var chosen: Format {
    if let format { return format }
    guard let ending = output?.split(separator: ".").last?.lowercased() else { return .text }
    return Format(rawValue: ending) ?? (ending == "htm" ? .html : .text)
  }

  private func text(of mail: PreviewReply) -> String {
    switch chosen {
    case .text: Self.headers(of: mail).map { "\($0): \($1)\n" }.joined() + "\n" + mail.text
    case .html: mail.html
    case .eml: mail.eml
    }
  }

  private func write(_ mail: PreviewReply, to path: String) throws {
    do { try Data(text(of: mail).utf8).write(to: URL(filePath: path)) } catch {
      throw Failure("cannot write \(path): \(error.localizedDescription)", exit: .failed)
    }
  }
}

/// Which mail: of what kind, and of what.
struct MailSubject: ParsableArguments {
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case reminder, order
  }

  @Argument(help: "The kind of mail.") var kind: Kind?
  @Option(help: ArgumentHelp("Which reminder of the schedule. (default: 1)", valueName: "n")) var step: Int?
  @Option(
    help: ArgumentHelp("A file with a checkout or an order as JSON; - for standard input.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var event: String?
  @Option(help: "Whose templates, if no event is given. (default: default)") var shop: String?
  @Option(help: ArgumentHelp("In which language, like de-AT; else the event's.", valueName: "tag")) var locale: String?

  func validate() throws {
    if kind == .order && step != nil { throw ValidationError("--step belongs to a reminder") }
    if event != nil && shop != nil { throw ValidationError("the event says its shop: leave --shop out") }
    if let step, !PreviewRequest.steps.contains(step) {
      throw ValidationError("--step must be from 1 to \(PreviewRequest.steps.upperBound), not \(step)")
    }
  }

  var isGiven: Bool { kind != nil || step != nil || [event, shop, locale].contains { $0 != nil } }

  /// The members that describe it to the daemon.
  func members() throws -> [JSON.Member] {
    var members = [JSON.Member("kind", .string((kind ?? .reminder).rawValue))]
    if let step { members.append(JSON.Member("step", JSON(step))) }
    if let shop { members.append(JSON.Member("shop", .string(shop))) }
    if let locale { members.append(JSON.Member("locale", .string(locale))) }
    if let event { members.append(JSON.Member("event", try Self.json(in: event))) }
    return members
  }

  private static func json(in path: String) throws -> JSON {
    let bytes = try Input(path).event()
    do { return try JSON(parsing: bytes) } catch {
      throw Failure("\(path) is not JSON: \(error.description)", exit: .refused)
    }
  }
}
