import ArgumentParser
import Foundation
import NudgeAPI

struct BackupVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Write a copy of the database.",
    discussion: """
      The daemon writes it while it works, so the path is one that the daemon may write to. A file that is there already is
      never overwritten. The copy gets its name when all of it is checked (integrity, references, counts) and on disk.

      EXAMPLES
        nudgectl backup /var/lib/nudged/backup-$(date +%F).db
      """)

  @Argument(help: "Where to; nothing may be there yet.", completion: .file()) var path: String
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  /// A large database takes its time.
  private static let patience = Duration.seconds(3_600)

  func run() async throws {
    let absolute =
      path.hasPrefix("/")
      ? path : URL(filePath: FileManager.default.currentDirectoryPath).appending(path: path).standardizedFileURL.path
    let body = BackupRequest(path: absolute).json.bytes
    try await Session.run(daemon.after(root.daemon)) { session in
      try await session.ask(
        .post, "/backup", body: body, patience: Self.patience, as: BackupReply.init(json:)
      ) { reply in
        let checked = reply.checks.isEmpty ? "" : ", checked"
        Output.line("\(reply.path, .bold): \(Words.bytes(reply.bytes))\(checked)")
      }
    }
  }
}
