import Foundation
import NudgeDomain
import Testing

@testable import NudgeMail

/// A small mail made by hand, with what transports like to spoil: dots, `From ` and spaces at line ends.
func letter(
  attempt: String = "a-1-test", to recipient: String = "ann@example.com", id: String = "m1.test@shop.example",
  extra: [String] = []
) -> Letter {
  let lines =
    [
      "From: Example Shop <cart@shop.example>", "To: Ann <ann@example.com>", "Subject: Your cart",
      "Date: Sun, 22 Nov 2026 12:30:00 +0000", "Message-ID: <\(id)>", "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=us-ascii", "Content-Transfer-Encoding: 7bit", "", "Hello Ann,", ".", "..",
      ".dot first", "From here on", "a space at the end ", "", "the end", "",
    ] + extra
  return Letter(
    attemptID: attempt, sender: "cart@shop.example", recipient: recipient,
    bytes: Array(lines.joined(separator: "\r\n").utf8) + (extra.isEmpty ? [] : Array("\r\n".utf8)))
}

/// A letter of at least so many bytes.
func largeLetter(bytes: Int) -> Letter {
  letter(extra: Array(repeating: String(repeating: "x", count: 70), count: bytes / 72 + 1))
}

/// The kind of an outcome, without its words.
enum Kind: String, CustomTestStringConvertible {
  case accepted, throttled, sender, message, refused, unknown

  var testDescription: String { rawValue }
}

extension Delivery {
  var kind: Kind {
    switch self {
    case .accepted: .accepted
    case .deferred(.throttled, _): .throttled
    case .deferred(.sender, _): .sender
    case .deferred(.message, _): .message
    case .refused: .refused
    case .unknown: .unknown
    }
  }

  var error: String {
    switch self {
    case .accepted: ""
    case .deferred(_, let error), .refused(let error), .unknown(let error): error
    }
  }

  var providerID: String? {
    if case .accepted(let id) = self { id } else { nil }
  }
}

/// Numbers that are the same in every run.
struct SeededNumbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
