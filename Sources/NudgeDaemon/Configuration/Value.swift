import NudgeDomain
import NudgeMail
import Yams

/// How each kind of value is read. What is not exactly right is refused, with what would be.
enum Value {
  static func text(_ node: Node) throws(Complaint) -> String {
    guard let text = node.scalar?.string, !node.isNull else {
      throw Complaint(message: "\(node.shown) is no text; write it in quotes")
    }
    if let plain = node.plain, isOtherType(plain) {
      throw Complaint(message: "\(plain) is no text; write it in quotes: \"\(plain)\"")
    }
    guard !text.isEmpty else { throw Complaint(message: "is empty; write a text, or leave the key out") }
    guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
      throw Complaint(message: "contains a control character; write plain text")
    }
    return text
  }

  /// Null, or what `read` takes.
  static func optional<T>(_ read: @escaping (Node) throws(Complaint) -> T) -> (Node) throws(Complaint) -> T? {
    { (node) throws(Complaint) in node.isNull ? nil : try read(node) }
  }

  static func number(_ range: ClosedRange<Int>, _ meaning: String) -> (Node) throws(Complaint) -> Int {
    { (node) throws(Complaint) in
      let wish = "write \(meaning), a whole number from \(range.lowerBound) to \(range.upperBound)"
      guard let plain = node.plain, plain.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == "-") }),
        let number = Int(plain)
      else { throw Complaint(message: "\(node.shown) is no whole number; \(wish)") }
      guard range.contains(number) else { throw Complaint(message: "\(number) is out of range; \(wish)") }
      return number
    }
  }

  static func rate(_ node: Node) throws(Complaint) -> SenderConfiguration.Rate {
    if node.plain == "auto" { return .auto }
    return .fixed(try number(Configuration.rates, "auto, or messages per second, 0 for no limit")(node))
  }

  static func bool(_ node: Node) throws(Complaint) -> Bool {
    switch node.plain {
    case "true": return true
    case "false": return false
    default: throw Complaint(message: "\(node.shown) is neither true nor false; write one of them, without quotes")
    }
  }

  static func word<T: RawRepresentable<String> & CaseIterable>(_ type: T.Type) -> (Node) throws(Complaint) -> T {
    { (node) throws(Complaint) in
      let known = T.allCases.map(\.rawValue)
      let text = node.scalar?.string ?? ""
      if let value = T(rawValue: text) { return value }
      let guess = Suggestion.nearest(to: text, among: known).map { "; did you mean \"\($0)\"?" } ?? ""
      throw Complaint(message: "\(node.shown) is none of \(known.joined(separator: ", "))\(guess)")
    }
  }

  /// A duration of at least `shortest`.
  static func duration(atLeast shortest: Duration) -> (Node) throws(Complaint) -> Duration {
    { (node) throws(Complaint) in
      guard let text = node.scalar?.string, let duration = DurationText.parse(text) else {
        let longest = DurationText.text(of: DurationText.longest)
        throw Complaint(message: "\(node.shown) is no duration; write 30m, 1d12h or 500ms, at most \(longest)")
      }
      guard duration >= shortest else {
        throw Complaint(message: "\(node.shown) is too short; write \(DurationText.text(of: shortest)) or more")
      }
      return duration
    }
  }

  static func schedule(_ node: Node) throws(Complaint) -> Schedule {
    guard let nodes = node.sequence else {
      throw Complaint(message: "\(node.shown) is no list of durations; write [30m, 1d, 3d]")
    }
    let steps = Schedule.steps
    guard steps.contains(nodes.count) else {
      throw Complaint(message: "has \(nodes.count) steps; write \(steps.lowerBound) to \(steps.upperBound) of them")
    }
    var offsets: [Duration] = []
    for node in nodes {
      let offset = try duration(atLeast: .zero)(node)
      if let last = offsets.last, offset <= last {
        let message = "\(node.shown) does not come after \(DurationText.text(of: last)); write rising durations"
        throw Complaint(message: message)
      }
      offsets.append(offset)
    }
    guard let schedule = Schedule(offsets: offsets) else {
      throw Complaint(message: "is no schedule; write rising durations such as [30m, 1d, 3d]")
    }
    return schedule
  }

  static func mailbox(_ node: Node) throws(Complaint) -> Mailbox {
    let text = try text(node)
    do throws(MailboxError) {
      return try Mailbox(parsing: text)
    } catch {
      let message = "\"\(text)\" \(error.description); write \"Example Shop <cart@shop.example>\""
      throw Complaint(message: message)
    }
  }

  /// What YAML reads as something else than a text.
  private static func isOtherType(_ plain: String) -> Bool {
    if ["true", "false", "yes", "no", "on", "off"].contains(plain.lowercased()) { return true }
    return Double(plain) != nil
  }
}
