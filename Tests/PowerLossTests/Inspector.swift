import Foundation
import NudgeDomain

@testable import NudgeStore

/// Opens crash images, and says what is wrong with them.
final class Inspector {
  private let folder: URL
  private let journal: Journal
  private let journalPath: String
  private var path: String { folder.appending(path: "nudged.db").path }

  /// - Parameter folder: for the images, one after the other.
  init(folder: URL, journal: Journal) throws {
    self.folder = folder
    self.journal = journal
    journalPath = folder.appending(path: "journal").path
    try journal.write(to: journalPath)
  }

  /// What is wrong with the image of a crash after so many operations.
  ///
  /// - Parameter knowsStates: whether the journal knows every state of the database that may be found.
  func faults(in image: [String: [UInt8]], at position: Int, knowsStates: Bool) async throws -> [String] {
    try image.lay(into: folder)
    let allowed = journal.allowed(at: position)
    do {
      if knowsStates, allowed == nil, journal.stage(at: position) == 0 { return try await faultsOfBeginning() }
      return try await faultsOfStore(at: position, allowed: knowsStates ? allowed : nil)
    } catch {
      return ["it could not be used: \(error)"]
    }
  }

  /// Before anything was acknowledged it is enough that the store can be opened.
  private func faultsOfBeginning() async throws -> [String] {
    let store = try Store(path: path, now: Moment(milliseconds: 0))
    await store.close()
    let eye = try Eye(path: path, access: .change)
    defer { eye.close() }
    return try integrity(of: eye)
  }

  private func faultsOfStore(at position: Int, allowed: [UInt64]?) async throws -> [String] {
    let store = try Store(path: path, now: Moment(milliseconds: 0))
    let eye = try Eye(path: path, access: .look)
    var faults: [String] = []
    do {
      faults += try look(eye, at: position, allowed: allowed)
      if faults.isEmpty { faults += try await use(store, eye, at: position) }
    } catch {
      faults.append("it could not be read: \(error)")
    }
    eye.close()
    await store.close()
    guard faults.isEmpty else { return faults }
    let after = try Eye(path: path, access: .change)
    defer { after.close() }
    return try integrity(of: after) + Laws.broken(Laws.standing, in: after)
  }

  private func look(_ eye: Eye, at position: Int, allowed: [UInt64]?) throws -> [String] {
    try eye.execute("ATTACH 'file:\(journalPath)?immutable=1' AS journal")
    var faults = try integrity(of: eye)
    faults += try Laws.broken(Laws.standing, in: eye) + Laws.broken(Laws.acknowledged, in: eye, at: position)
    if let allowed, try !allowed.contains(eye.digest()) {
      faults.append("it is neither what was acknowledged last nor what came next")
    }
    return faults
  }

  private func integrity(of eye: Eye) throws -> [String] {
    let answers = try eye.rows("PRAGMA main.integrity_check").filter { $0 != "ok" }
    return answers.prefix(2).map { "integrity: \($0)" }
      + (try eye.rows("PRAGMA main.foreign_key_check").prefix(2).map { "foreign key: \($0)" })
  }

  /// Goes on as the daemon does after a start: what was interrupted is unknown, and what is due is claimed.
  private func use(_ store: Store, _ eye: Eye, at position: Int) async throws -> [String] {
    let interrupted = try eye.rows("SELECT id FROM message WHERE state = 'sending'")
    let reminders = Set(try eye.rows("SELECT id FROM message WHERE state = 'sending' AND step IS NOT NULL"))
    let closed = Set(try eye.rows("SELECT checkout_id FROM journal.closed WHERE \"from\" <= ?1", position))
    let now = Moment(milliseconds: 1_900_000_000_000)
    let policies = Policies()
    var faults: [String] = []
    let resolved = try await store.resolveInterrupted(policies: policies, now: now, jitter: 0)
    if resolved != interrupted.count { faults.append("\(interrupted.count) were interrupted, \(resolved) resolved") }
    try await store.setPaused(false, now: now)
    let late = now.advanced(by: .seconds(86_400))
    for claim in try await store.claimDue(now: late, limit: 1_000, policies: policies).claims {
      guard claim.kind != .order else { continue }
      if let checkout = claim.content.checkoutID, closed.contains(checkout) {
        faults.append("a reminder of \(checkout) was claimed after its order")
      }
      if reminders.contains("\(claim.messageID)") { faults.append("reminder \(claim.messageID) was claimed twice") }
    }
    return faults
  }
}

extension [String: [UInt8]] {
  /// Puts the files of an image into a folder in place of those that are there.
  func lay(into folder: URL) throws {
    for name in ["nudged.db", "nudged.db-wal", "nudged.db-journal", "nudged.db-shm"] {
      let path = folder.appending(path: name).path
      guard let bytes = self[name] else {
        unlink(path)
        continue
      }
      let descriptor = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw Fault("\(path) was not made") }
      defer { close(descriptor) }
      guard write(descriptor, bytes, bytes.count) == bytes.count else { throw Fault("\(path) was not written") }
    }
  }
}
