import CDiskShim
import Foundation
import GRDBSQLite
import NudgeDomain
import NudgeMail
import NudgeStore

/// Where a process makes its worlds, one after the other: a folder in memory.
final class Workshop {
  let templates: Templates.Folders
  let ses: SESConfiguration
  private let folder: String
  /// A database without content, as the first start leaves it, with a name that is the same for all.
  private let pristine: Data

  struct Failure: Error {
    var text: String
  }

  init() throws {
    let memory = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    folder = "\(memory)/nudge-simulate-\(getpid())"
    templates = try Templates.Folders(in: folder)
    ses = try SESConfiguration(region: "eu-west-1", endpoint: "https://ses.example")
    try FileManager.default.createDirectory(atPath: "\(folder)/disk", withIntermediateDirectories: true)
    pristine = try Self.makePristine("\(folder)/pristine.db")
    guard disk_shim_install() == SQLITE_OK else { throw Failure(text: "the disk's shim cannot be installed") }
    disk_shim_skip_waits(true)
  }

  func leave() {
    disk_shim_uninstall()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// A disk with nothing but an empty database on it. One at a time.
  func disk() throws -> Disk {
    let disk = Disk("\(folder)/disk")
    try pristine.write(to: URL(filePath: disk.path))
    return disk
  }

  private static func makePristine(_ path: String) throws -> Data {
    let executor = Executor(Dice(0, for: "pristine"))
    let now = Moment(milliseconds: 0)
    let store = try Store(path: path, now: now, workplace: Workplace(write: { $0() }, read: { $0() }))
    executor.start { await store.close() }
    while executor.runOne() {}
    var connection: OpaquePointer?
    defer { sqlite3_close_v2(connection) }
    let sql = "UPDATE meta SET value = '0123456789abcdef' WHERE name = 'instance'; PRAGMA wal_checkpoint(TRUNCATE)"
    guard sqlite3_open(path, &connection) == SQLITE_OK, sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else {
      throw Failure(text: "the empty database cannot be named")
    }
    return try Data(contentsOf: URL(filePath: path))
  }
}
