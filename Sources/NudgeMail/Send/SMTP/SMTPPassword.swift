import Dispatch
import Foundation

/// A password. It is secret: no description of this value shows it.
struct SMTPPassword: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  let text: String

  /// - Parameter contents: of a file; the line end that editors put there is no part of the password.
  init(contents: [UInt8]) throws(SMTPPasswordError.Problem) {
    guard let text = String(validating: contents, as: UTF8.self) else { throw .notText }
    let line = text.hasSuffix("\r\n") || text.hasSuffix("\n") ? String(text.dropLast()) : text
    if line.isEmpty { throw .empty }
    if line.utf8.count > SMTPPasswordFile.longest { throw .tooLong }
    if line.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) { throw .controlCharacter }
    self.text = line
  }

  var description: String { "(password)" }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: [:]) }

  /// What follows `AUTH PLAIN`: RFC 4616.
  func plain(username: String) -> String { Self.base64("\0\(username)\0\(text)") }

  var base64: String { Self.base64(text) }

  static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

  /// `words` without the password, should a server have repeated it in any form that it had.
  func redacted(_ words: String, username: String) -> String {
    [plain(username: username), base64, text].reduce(words) { $0.replacing($1, with: "(password)") }
  }
}

/// Why there is no password. Never shows what was read.
package struct SMTPPasswordError: Error, Hashable, CustomStringConvertible {
  enum Problem: String, Error {
    case empty = "is empty"
    case notText = "is not UTF-8 text"
    case controlCharacter = "has more than one line, or a control character"
    case tooLong = "is longer than any password"
  }

  package var description: String
}

/// Where the password is. It is read for each login, so that a corrected one counts at once.
package struct SMTPPasswordFile: Hashable, Sendable {
  /// The name of the systemd credential that holds the password.
  package static let credentialName = "nudged.smtp"
  /// No password is longer: bytes. A command line of SMTP has to hold it twice encoded.
  static let longest = 1_024

  private let path: String

  /// Finds the file: `nudged.smtp` in `$CREDENTIALS_DIRECTORY` if it is there, else `file`. Nil if there is neither.
  package init?(environment: [String: String], file: String?) {
    let credential = environment["CREDENTIALS_DIRECTORY"].flatMap { $0.isEmpty ? nil : "\($0)/\(Self.credentialName)" }
    if let credential, FileManager.default.fileExists(atPath: credential) {
      path = credential
    } else if let file {
      path = file
    } else {
      return nil
    }
  }

  /// Throws what would keep a login from having its password. Blocks.
  package func check() throws(SMTPPasswordError) {
    _ = try read()
  }

  private func read() throws(SMTPPasswordError) -> SMTPPassword {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try OpenFile(path, flags: O_RDONLY).read(limit: Self.longest + 2)
    } catch {
      throw SMTPPasswordError(description: "\(error)")
    }
    do throws(SMTPPasswordError.Problem) {
      return try SMTPPassword(contents: bytes)
    } catch {
      throw SMTPPasswordError(description: "the password in \(path) \(error.rawValue)")
    }
  }

  /// The password as it is now.
  func current() async throws(SMTPPasswordError) -> SMTPPassword {
    let result: Result<SMTPPassword, SMTPPasswordError> = await withCheckedContinuation { continuation in
      DispatchQueue.global(qos: .utility).async {
        do throws(SMTPPasswordError) {
          continuation.resume(returning: .success(try read()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    return try result.get()
  }
}
