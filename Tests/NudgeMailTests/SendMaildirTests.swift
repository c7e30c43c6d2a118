import Foundation
import NudgeDomain
import TestKit
import Testing

@testable import NudgeMail

@Suite("Maildir") struct SendMaildirTests {
  private func sender(_ path: String) -> MaildirSender {
    MaildirSender(configuration: .init(path: path), now: { Moment(milliseconds: 1_795_350_600_123) })
  }

  private func names(_ path: String) throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: path))
  }

  @Test("Python reads a hundred letters, each byte for byte and without a defect")
  func hundred() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "outbox").path
      let sender = sender(path)
      let letters = (0..<100).map { letter(attempt: "a-\($0)", id: "m\($0).test@shop.example") }
      let sent = try await withThrowingTaskGroup(of: (String, [UInt8]).self) { group in
        for letter in letters {
          group.addTask {
            let delivery = await sender.deliver(letter)
            return (try #require(delivery.providerID, "\(delivery)"), letter.bytes)
          }
        }
        return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
      }
      let mails = try await ReadMail.maildir(path)
      #expect(mails.flatMap(\.defects).isEmpty)
      let read = Dictionary(uniqueKeysWithValues: mails.map { ($0.name, Array($0.bytes)) })
      #expect(read == sent)
      #expect(read.count == letters.count)
      #expect(try names(path) == ["tmp", "new", "cur"])
      #expect(try names(path + "/tmp").isEmpty)
      #expect(try names(path + "/new") == Set(sent.keys))
    }
  }

  @Test("a letter that was taken back leaves nothing")
  func takenBack() async throws {
    try await withTemporaryFolder { folder in
      let delivery = await sender(folder.path).deliver(letter()) { false }
      let files = try names(folder.path)
      #expect(delivery == nil && files.isEmpty)
    }
  }

  @Test("a file is the owner's alone, has LF line ends, and a name with the letter's time")
  func file() async throws {
    try await withTemporaryFolder { folder in
      let name = try #require(await sender(folder.path).deliver(letter()).providerID)
      #expect(name.hasPrefix("1795350600.M123000P\(ProcessInfo.processInfo.processIdentifier)R"))
      let path = folder.path + "/new/\(name)"
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(!text.utf8.contains(UInt8(ascii: "\r")) && text.hasPrefix("From: Example Shop"))
    }
  }

  @Test("a place where no mail can go holds the sender, and nothing is left behind")
  func impossible() async throws {
    #expect(await sender("/proc/nudged").deliver(letter()).kind == .sender)
    #expect(await sender("/nonexistent/folder/outbox").deliver(letter()).kind == .sender)
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "file").path
      try Data().write(to: URL(filePath: file))
      #expect(await sender(file).deliver(letter()).kind == .sender)
      let path = folder.appending(path: "outbox").path
      #expect(await sender(path).deliver(letter()).kind == .accepted)
      try FileManager.default.removeItem(atPath: path + "/new")
      try Data().write(to: URL(filePath: path + "/new"))
      let delivery = await sender(path).deliver(letter())
      #expect(delivery.kind == .sender && delivery.error.contains("cannot move"), "\(delivery)")
      #expect(try names(path + "/tmp").isEmpty)
    }
  }

  @Test("a full disk holds the sender", .enabled(if: getuid() == 0 && canMount, "needs root and mount namespaces"))
  func full() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.path
      let mounted = try await Program.run(
        URL(filePath: "/bin/mount"), ["-t", "tmpfs", "-o", "size=64k", "tmpfs", path])
      try #require(mounted.status == 0, "\(mounted.errorText)")
      let delivery = await sender(path).deliver(largeLetter(bytes: 200_000))
      let left = try names(path + "/tmp")
      try await #require(Program.run(URL(filePath: "/bin/umount"), [path]).status == 0)
      #expect(delivery.kind == .sender && delivery.error.contains("No space left"), "\(delivery)")
      #expect(left.isEmpty)
    }
  }

  private static let canMount: Bool = {
    let mount = Process()
    mount.executableURL = URL(filePath: "/usr/bin/unshare")
    mount.arguments = ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    mount.standardError = FileHandle.nullDevice
    guard (try? mount.run()) != nil else { return false }
    mount.waitUntilExit()
    return mount.terminationStatus == 0
  }()
}
