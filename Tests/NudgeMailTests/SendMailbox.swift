import Foundation
import TestKit

/// A mail as Python's mailbox and email read it.
struct ReadMail: Decodable {
  var name: String
  /// With CRLF line ends.
  var bytes: Data
  var headers: [[String]]
  var text: String?
  var defects: [String]

  static func maildir(_ path: String) async throws -> [ReadMail] { try await read(["maildir", path]) }

  /// The mails with that Message-ID in an mbox; they are removed from it.
  static func take(from mbox: String, messageID: String) async throws -> [ReadMail] {
    try await read(["take", mbox, messageID])
  }

  private static func read(_ arguments: [String]) async throws -> [ReadMail] {
    let result = try await Program.run(Repository.python, [Repository.oracle("smtp_mailbox").path] + arguments)
    struct Unreadable: Error { var said: String }
    guard result.status == 0 else { throw Unreadable(said: result.errorText) }
    return try JSONDecoder().decode([ReadMail].self, from: result.output)
  }
}
