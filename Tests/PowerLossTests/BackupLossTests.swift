import CDiskShim
import Foundation
import GRDBSQLite
import NudgeDomain
import Testing

@testable import NudgeStore

/// Backups lie where power may fail, too. They are synced and named by nudged itself, past SQLite.
@Suite("Loss of power and backups", .serialized) struct BackupLossTests {
  /// A life with a backup in the middle of it, and what was answered.
  private struct Story {
    var began: Int
    var copy: BackupCopy
    /// After how many operations of the disk the backup was answered for.
    var answered: Int
    var end: Int
  }

  private static let name = "copy.db"

  @Test("a copy that was answered for is there and whole; before, its name stands for all of it or for nothing")
  func copies() async throws {
    let faults = try await survey { _, _ in true }
    #expect(faults.isEmpty, "\(faults.prefix(5).joined(separator: "\n"))")
  }

  @Test("a copy whose folder is not synced is found out")
  func withoutFolder() async throws {
    let faults = try await survey { operation, name in !(operation.kind == DISK_SHIM_SYNC && name.isEmpty) }
    #expect(faults.contains { $0.contains("is gone") })
  }

  @Test("a copy that is not synced is found out")
  func withoutFile() async throws {
    let faults = try await survey { operation, name in
      !(operation.kind == DISK_SHIM_SYNC && name == "\(Self.name).part")
    }
    #expect(faults.contains { $0.contains("is not whole") })
  }

  @Test("a copy that cannot be synced or named is none, and its room is free again", arguments: ["sync", "link"])
  func failing(step: String) async throws {
    try await Disk.with { disk in
      let run = try await Run(disk: disk, seed: Amount.seed, looks: false)
      try await run.go(groups: 10)
      let path = disk.folder.appending(path: Self.name).path
      disk.arm(.init(kinds: DISK_SHIM_ALL, nth: .max, for_good: false, code: SQLITE_IOERR, is_partial: false))
      _ = try await run.store.backup(to: path, now: Moment(milliseconds: 0))
      let syncs = disk.count(DISK_SHIM_SYNC)
      unlink(path)
      let kind = step == "sync" ? DISK_SHIM_SYNC : DISK_SHIM_LINK
      // The last two syncs are nudged's own: of the file, and of its folder.
      for nth in step == "sync" ? [syncs - 1, syncs] : [1] {
        disk.arm(.init(kinds: kind, nth: UInt64(nth), for_good: false, code: SQLITE_IOERR, is_partial: false))
        let store = run.store
        await #expect(throws: StoreError.self, "\(step) \(nth)") {
          try await store.backup(to: path, now: Moment(milliseconds: 0))
        }
        #expect(disk.injected == 1)
        disk.disarm()
        let left = try FileManager.default.contentsOfDirectory(atPath: disk.folder.path)
        #expect(left.filter { $0.hasPrefix(Self.name) }.isEmpty, "\(step) \(nth): \(left)")
      }
      #expect(run.store.failure == nil, "the database has not failed by that")
      try await run.go(groups: 2)
      await run.close()
    }
  }

  /// What is wrong with the copies that losses of power leave, if of the operations only those are done that `happens`
  /// lets through; it is given each with the name of its file.
  private func survey(_ happens: (disk_shim_operation, String) -> Bool) async throws -> [String] {
    try await Disk.with { disk in
      disk.record()
      let story = try await live(on: disk)
      disk_shim_uninstall()
      defer { disk_shim_install() }
      return try await withMemoryFolder { folder in try look(at: story, on: disk, in: folder, happens) }
    }
  }

  private func live(on disk: Disk) async throws -> Story {
    let run = try await Run(disk: disk, seed: Amount.seed, looks: false)
    try await run.go(groups: 25)
    let began = disk.position
    let path = disk.folder.appending(path: Self.name).path
    let copy = try await run.store.backup(to: path, now: Moment(milliseconds: 1_700_000_000_000))
    let answered = disk.position
    try await run.go(groups: 4)
    let story = Story(began: began, copy: copy, answered: answered, end: disk.position)
    await run.close()
    return story
  }

  private func look(
    at story: Story, on disk: Disk, in folder: URL, _ happens: (disk_shim_operation, String) -> Bool
  ) throws -> [String] {
    var (loss, dice) = (Loss(), Dice(seed: Amount.seed))
    var (seen, faults): (Set<UInt64>, [String]) = ([], [])
    for position in 1...story.end {
      let operation = disk.operation(position - 1)
      let name = disk.name(of: operation)
      if happens(operation, name) { loss.apply(operation, name: name, source: disk.source(of: operation)) }
      guard position >= story.began else { continue }
      for mode in Loss.Mode.allCases {
        guard let bytes = loss.image(mode, dice: &dice)[Self.name] else {
          if position >= story.answered { faults.append("operation \(position), \(mode): the copy is gone") }
          continue
        }
        let hash = bytes.withUnsafeBytes { disk_shim_hash($0.baseAddress, $0.count, 0) }
        guard seen.insert(hash).inserted else { continue }
        if let fault = try fault(in: bytes, story, folder) { faults.append("operation \(position), \(mode): \(fault)") }
      }
    }
    Amount.tell(
      "power loss: a backup: \(story.answered - story.began) operations, \(seen.count) different copies, "
        + "\(faults.count) violations")
    return faults
  }

  private func fault(in bytes: [UInt8], _ story: Story, _ folder: URL) throws -> String? {
    let path = folder.appending(path: Self.name)
    try Data(bytes).write(to: path)
    do throws(StoreError) {
      let report = try CopyCheck.look(at: path.path)
      return report == story.copy.report ? nil : "the copy is of something else: \(report)"
    } catch {
      return "the copy is not whole: \(error)"
    }
  }
}
