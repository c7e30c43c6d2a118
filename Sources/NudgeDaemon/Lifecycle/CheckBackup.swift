import NudgeAPI
import NudgeStore

extension Daemon {
  /// Why a file is no backup that can be restored.
  package struct UnsoundBackup: Error, CustomStringConvertible {
    package var description: String
  }

  /// Checks a file that no daemon works on, without changing it. Returns what is in it, for the person who asked.
  package static func checkBackup(_ path: String) throws(UnsoundBackup) -> String {
    let report: CopyReport
    do { report = try CopyCheck.look(at: path) } catch {
      switch error {
      case .newerSchema(let found, let known):
        throw UnsoundBackup(
          description: "\(path) was written by a newer nudged: it has version \(found), this one knows \(known)")
      case .failed(let why): throw UnsoundBackup(description: "\(path) is no sound backup: \(why)")
      default: throw UnsoundBackup(description: "\(path) cannot be checked: \(error)")
      }
    }
    let kind = report.copiedAt.map { "a copy of \(Timestamp($0).rfc3339)" } ?? "a database, and not marked as a copy"
    let rows = ["checkout", "shop_order", "message", "attempt"].map { "\($0) \(report.rows[$0, default: 0])" }
    return "\(path) is sound: \(kind), schema \(report.schema), rows: \(rows.joined(separator: ", "))"
  }
}
