import NudgeAPI

/// The API's words in colour, and counts in words.
enum Words {
  static func checkoutState(_ state: String) -> Styled {
    switch state {
    case "open": "\(state, .cyan)"
    case "ordered": "\(state, .green)"
    default: "\(state, .dim)"
    }
  }

  static func messageState(_ state: String) -> Styled {
    switch state {
    case "sent": "\(state, .green)"
    case "scheduled", "sending": "\(state, .cyan)"
    case "dead": "\(state, .red)"
    case "unknown": "\(state, .yellow)"
    default: "\(state, .dim)"
    }
  }

  /// "1 line", "2 lines".
  static func count(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
    "\(grouped(count)) \(count == 1 ? singular : plural ?? singular + "s")"
  }

  /// "1,234,567".
  static func grouped(_ number: Int) -> String {
    let digits = Array(String(abs(number)).reversed())
    let groups = stride(from: 0, to: digits.count, by: 3).map { String(digits[$0..<min($0 + 3, digits.count)]) }
    return (number < 0 ? "-" : "") + String(groups.joined(separator: ",").reversed())
  }

  /// "12.3 MB".
  static func bytes(_ count: Int) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var value = Double(count)
    var unit = 0
    while value >= 1_000 && unit < units.count - 1 {
      value /= 1_000
      unit += 1
    }
    if unit == 0 { return "\(count) B" }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }

  /// "ann (uid 1000)".
  static func `operator`(_ action: OperatorActionReply) -> String {
    guard let uid = action.uid else { return "somebody" }
    return action.user.map { "\($0) (uid \(uid))" } ?? "uid \(uid)"
  }

  static func kind(_ kind: MessageReply.Kind) -> String {
    switch kind {
    case .reminder(let step): "reminder \(step)"
    case .order: "order message"
    }
  }
}
