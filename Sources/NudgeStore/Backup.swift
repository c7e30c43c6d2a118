import Dispatch
import GRDB
package import NudgeDomain
import Synchronization

/// A finished copy of the database, and what was looked at before it got its name.
package struct BackupCopy: Hashable, Sendable {
  package var path: String
  package var bytes: Int64
  /// What the copy holds is as it was then.
  package var copiedAt: Moment
  package var report: CopyReport
}

extension Store {
  /// Copies the database as it is now to a new file, through SQLite's backup API, and checks the copy.
  ///
  /// The writer goes on meanwhile: the copy is of one state of the database, however much is written. It gets its name
  /// only when all of it is checked and on disk. Whoever opens it finds sending stopped until a person has said what
  /// became of the mails that were due since, see `restoredFrom`.
  ///
  /// - Throws: `busy` while another copy is being made, `full` if there is no room, `failed` if there is a file at the
  ///   path, none can be made, or the copy is not what it should be. No copy is left then.
  package func backup(to path: String, now: Moment) async throws(StoreError) -> BackupCopy {
    guard !isCopying.exchange(true, ordering: .acquiringAndReleasing) else { throw .busy }
    defer { isCopying.store(false, ordering: .releasing) }
    let file = CopyFile(path: path)
    try file.begin()
    do throws(StoreError) {
      let rows = try await copy(to: file.unfinished)
      let report = try await Self.elsewhere { () throws(StoreError) in
        try CopyCheck.finish(file.unfinished, copiedAt: now, rows: rows)
      }
      let bytes = try file.publish()
      return BackupCopy(path: path, bytes: bytes, copiedAt: now, report: report)
    } catch {
      file.abandon()
      throw error
    }
  }

  /// Of its own: a serial queue gets a thread however busy the threads are that others share.
  private static let copying = DispatchQueue(label: "nudged.copying", qos: .utility)

  /// Runs what takes long on a thread that nobody else waits for.
  private static func elsewhere<T: Sendable>(
    _ work: @escaping @Sendable () throws(StoreError) -> T
  ) async throws(StoreError) -> T {
    let result = await withCheckedContinuation { continuation in
      copying.async {
        continuation.resume(returning: Result { () throws(StoreError) in try work() })
      }
    }
    return try result.get()
  }

  /// How many rows each table had in the state that was copied.
  private func copy(to path: String) async throws(StoreError) -> [String: Int] {
    do {
      return try await readers.read { source in
        var configuration = Configuration()
        configuration.label = "nudged.copy"
        // Nobody needs the file before it is finished, and then it is synced as a whole.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF") }
        let copy = try DatabaseQueue(path: path, configuration: configuration)
        try copy.writeWithoutTransaction { try source.backup(to: $0) }
        try copy.close()
        return try CopyCheck.rows(of: source)
      }
    } catch {
      throw CopyFile.whyNot(error)
    }
  }
}
