import Foundation
import NudgeAPI
import TestKit

/// The shop, the mail server and the judge around a nudged in trouble: `Tests/oracles/witness.py`.
struct Witness: Sendable {
  /// How long whatever is waited for may take on a busy machine; then the test fails.
  private static let patience = Duration.seconds(100)

  let program: Program
  /// Of the mail server, for SES's transport.
  let endpoint: String
  /// Of the same for SMTP, on 127.0.0.1.
  let smtpPort: String
  private let socket: String

  static func start(in folder: URL) async throws -> Witness {
    let socket = folder.appending(path: "w.sock").path
    let program = try Program(
      Repository.python, [Repository.oracle("witness").path, folder.appending(path: "n.sock").path, socket])
    let words = try await program.line(containing: "ready ").split(separator: " ").map(String.init)
    return Witness(program: program, endpoint: words[1], smtpPort: words[2], socket: socket)
  }

  /// Tells it what happens, or asks; see the script for the words.
  @discardableResult
  func tell(_ what: String, _ how: String = "{}") async throws -> Data {
    let client = Client(socket: socket)
    let result: Result<Reply, any Error>
    do {
      result = .success(try await client.send(.post, "/\(what)", body: Array(how.utf8), patience: Self.patience))
    } catch {
      result = .failure(error)
    }
    await client.shutdown()
    return Data(try result.get().bytes)
  }

  func numbers() async throws -> [String: Double] {
    try JSONDecoder().decode([String: Double].self, from: await tell("numbers"))
  }

  func verdict(
    _ database: String, maildir: String? = nil, isClockStepped: Bool = false, isSMTP: Bool = false
  ) async throws -> Verdict {
    let maildir = maildir.map { "\"\($0)\"" } ?? "null"
    let how = #""maildir": \#(maildir), "stepped": \#(isClockStepped), "smtp": \#(isSMTP)"#
    return try JSONDecoder().decode(
      Verdict.self, from: await tell("verdict", #"{"database": "\#(database)", \#(how)}"#))
  }
}

/// What the judge found. Each list names the first few, and how many there are.
struct Verdict: Decodable, Sendable {
  /// Acknowledged, and not there or not done.
  var lost: [String]
  /// Handed over more often than the policy allows.
  var doubled: [String]
  /// Handed over before it was due.
  var early: [String]
  /// Reminders that began after the acknowledged order.
  var afterOrder: [String]
  /// Handed over, and not as the ledger says.
  var stray: [String]
  /// The database is not whole.
  var damaged: [String]
  /// Answers to the shop that it should never get.
  var oddities: [String]
  var numbers: [String: Double]

  enum CodingKeys: String, CodingKey {
    case lost, doubled, early, stray, damaged, oddities, numbers
    case afterOrder = "after_order"
  }

  var findings: [String] {
    [
      ("lost", lost), ("doubled", doubled), ("early", early), ("after the order", afterOrder), ("stray", stray),
      ("damaged", damaged), ("odd", oddities),
    ].flatMap { kind, all in all.map { "\(kind): \($0)" } }
  }

  func number(_ name: String) -> Int { Int(numbers[name] ?? 0) }

  /// One line for people.
  func summary(_ what: String) -> String {
    let names = ["acknowledged", "refused", "hand_overs", "attempts", "unknown", "resent", "collapsed"]
    let numbers = names.map { "\($0.replacing("_", with: "-")) \(number($0))" }.joined(separator: ", ")
    return "\(what): \(numbers), lost \(lost.count), doubled \(doubled.count), after the order \(afterOrder.count)"
  }
}
