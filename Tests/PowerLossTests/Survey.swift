import CDiskShim
import Foundation
import Synchronization

/// Goes through the points of a run at which the power may fail, and through what each may leave.
struct Survey: Sendable {
  /// What was found.
  struct Report: Sendable {
    var operations = 0
    /// Different images.
    var images = 0
    /// With the number of the operation before which the power failed, and how.
    var faults: [String] = []

    static func + (left: Report, right: Report) -> Report {
      Report(
        operations: max(left.operations, right.operations), images: left.images + right.images,
        faults: left.faults + right.faults)
    }
  }

  /// Images by chance for each point.
  var chances: Int
  /// Every how manieth point.
  var stride = 1
  var seed: UInt64
  /// The first point.
  var from = 0
  /// Whether the journal knows every state of the database that may be found.
  var knowsStates = true
  /// What was on the disk before the first operation.
  var before: [String: [UInt8]] = [:]
  /// Says how far it is.
  var tells = false

  static let workers = 2
  /// So many faults say enough.
  private static let enough = 20

  func report(of disk: Disk, journal: Journal) async throws -> Report {
    let seen = Seen()
    return try await withThrowingTaskGroup(of: Report.self) { group in
      for worker in 0..<Self.workers {
        group.addTask { try await report(of: disk, journal: journal, worker: worker, seen: seen) }
      }
      return try await group.reduce(Report(), +)
    }
  }

  private func report(of disk: Disk, journal: Journal, worker: Int, seen: Seen) async throws -> Report {
    try await withMemoryFolder { folder in
      try await report(of: disk, journal: journal, worker: worker, seen: seen, folder: folder)
    }
  }

  private func report(
    of disk: Disk, journal: Journal, worker: Int, seen: Seen, folder: URL
  ) async throws -> Report {
    let inspector = try Inspector(folder: folder, journal: journal)
    var loss = Loss(before)
    var report = Report(operations: disk.position)
    for position in 0...report.operations {
      if position > 0 {
        let operation = disk.operation(position - 1)
        loss.apply(operation, name: disk.name(of: operation))
      }
      guard position >= from, position % stride == 0 || position == report.operations,
        position / stride % Self.workers == worker
      else { continue }
      if tells, worker == 0, position / stride % 500 == 0 {
        Amount.tell("power loss: \(position) of \(report.operations) operations, \(2 * report.images) images")
      }
      var dice = Dice(seed: seed &+ UInt64(position) &* 1_000_003)
      for number in 0..<(2 + chances) {
        let mode = number < 2 ? Loss.Mode.allCases[number] : Loss.Mode.random[(position + number) % 4]
        let image = loss.image(mode, dice: &dice)
        guard seen.isNew(Self.hash(image, stage: journal.stage(at: position))) else { continue }
        report.images += 1
        let faults = try await inspector.faults(in: image, at: position, knowsStates: knowsStates)
        report.faults += faults.map { "operation \(position), \(mode) (\(number)): \($0)" }
      }
      if report.faults.count >= Self.enough { return report }
    }
    return report
  }

  private static func hash(_ image: [String: [UInt8]], stage: Int) -> UInt64 {
    image.sorted { $0.key < $1.key }.reduce(UInt64(stage)) { hash, file in
      file.value.withUnsafeBytes { disk_shim_hash($0.baseAddress, $0.count, hash &+ UInt64(file.key.utf8.count)) }
    }
  }
}

/// The images that were looked at.
private final class Seen: Sendable {
  private let hashes = Mutex<Set<UInt64>>([])

  func isNew(_ hash: UInt64) -> Bool { hashes.withLock { $0.insert(hash).inserted } }
}
