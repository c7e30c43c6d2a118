import CDiskShim
import Foundation
import GRDB
import NudgeDomain
import Synchronization
import Testing

@testable import NudgeStore

@Suite("Faults of the disk", .serialized) struct FaultTests {
  /// What is made to fail, and what the store may say to it.
  struct Kind: Sendable, CustomStringConvertible {
    var name: String
    var kinds: UInt32
    var code: ResultCode
    var isPartial = false
    var description: String { name + (isPartial ? " after a part" : "") }

    /// Whether a verb that meets it may be asked for again.
    var isPassing: Bool { [.SQLITE_FULL, .SQLITE_BUSY].contains(code) }

    func fault(nth: Int, forGood: Bool) -> disk_shim_fault {
      disk_shim_fault(
        kinds: kinds, nth: UInt64(nth), for_good: forGood, code: code.rawValue, is_partial: isPartial)
    }
  }

  static let kinds = [
    Kind(name: "write", kinds: DISK_SHIM_WRITE, code: .SQLITE_IOERR_WRITE, isPartial: true),
    Kind(name: "write", kinds: DISK_SHIM_WRITE, code: .SQLITE_IOERR_WRITE),
    Kind(name: "disk full", kinds: DISK_SHIM_WRITE, code: .SQLITE_FULL, isPartial: true),
    Kind(name: "disk full", kinds: DISK_SHIM_WRITE, code: .SQLITE_FULL),
    Kind(name: "sync", kinds: DISK_SHIM_SYNC, code: .SQLITE_IOERR_FSYNC),
    Kind(name: "read", kinds: DISK_SHIM_READ, code: .SQLITE_IOERR_READ),
    Kind(name: "short read", kinds: DISK_SHIM_READ, code: .SQLITE_IOERR_SHORT_READ),
    Kind(name: "truncate", kinds: DISK_SHIM_TRUNCATE, code: .SQLITE_IOERR_TRUNCATE),
    Kind(name: "size", kinds: DISK_SHIM_SIZE, code: .SQLITE_IOERR_FSTAT),
    Kind(name: "lock taken", kinds: DISK_SHIM_LOCK, code: .SQLITE_BUSY),
    Kind(name: "lock error", kinds: DISK_SHIM_LOCK, code: .SQLITE_IOERR_LOCK),
    Kind(name: "index lock taken", kinds: DISK_SHIM_SHM_LOCK, code: .SQLITE_BUSY),
    Kind(name: "index lock error", kinds: DISK_SHIM_SHM_LOCK, code: .SQLITE_IOERR_SHMLOCK),
    Kind(name: "index map", kinds: DISK_SHIM_SHM_MAP, code: .SQLITE_IOERR_SHMMAP),
    Kind(name: "open", kinds: DISK_SHIM_OPEN, code: .SQLITE_CANTOPEN),
    Kind(name: "delete", kinds: DISK_SHIM_DELETE, code: .SQLITE_IOERR_DELETE),
    Kind(name: "access", kinds: DISK_SHIM_ACCESS, code: .SQLITE_IOERR_ACCESS),
  ]

  /// In all tests together every so manieth operation fails, one of each kind at least; with `make test-power` each.
  private static let stride = Amount.isLong ? 1 : 37

  @Test("the nth operation that fails, once or for good, loses nothing that was acknowledged", arguments: kinds)
  func nth(kind: Kind) async throws {
    let operations = try await FaultyRun(kind: kind, nth: .max, forGood: false).report().operations
    let all = (1...max(1, operations)).flatMap { nth in [(nth, false), (nth, true)] }
    let first = Int(kind.code.rawValue >> 8) % min(Self.stride, all.count)
    let cases = Swift.stride(from: first, to: all.count, by: Self.stride).map { all[$0] }
    let report = try await withThrowingTaskGroup(of: FaultyRun.Report.self) { group in
      for worker in 0..<Survey.workers {
        group.addTask {
          var sum = FaultyRun.Report()
          for (index, (nth, forGood)) in cases.enumerated() where index % Survey.workers == worker {
            sum = sum + (try await FaultyRun(kind: kind, nth: nth, forGood: forGood).report())
          }
          return sum
        }
      }
      return try await group.reduce(FaultyRun.Report(), +)
    }
    Amount.tell(
      "faults of the disk: \(kind): \(operations) operations, \(cases.count) runs, \(report.injected) faults injected, "
        + "\(report.images) crash images, \(report.faults.count) violations")
    #expect(report.faults.isEmpty, "\(report.faults.prefix(10).joined(separator: "\n"))")
    #expect(report.injected > 0)
  }
}

/// A run of a store during which one operation of the disk fails, or all from that one on.
struct FaultyRun: Sendable {
  struct Report: Sendable {
    var operations = 0
    var injected = 0
    var images = 0
    var faults: [String] = []

    static func + (left: Report, right: Report) -> Report {
      Report(
        operations: left.operations + right.operations, injected: left.injected + right.injected,
        images: left.images + right.images, faults: left.faults + right.faults)
    }
  }

  var kind: FaultTests.Kind
  var nth: Int
  var forGood: Bool

  private static let groups = 14
  /// After so many groups that were refused there is room again.
  private static let refusals = 3

  func report() async throws -> Report {
    try await Disk.with { disk in
      disk.record()
      disk.arm(kind.fault(nth: nth, forGood: forGood))
      var report = Report()
      if let run = try await begin(disk, &report) {
        try await drive(run, &report)
        // What is left by the process that ends now, and what the disk holds of it if the power fails at once.
        let survey = Survey(chances: 2, seed: UInt64(nth), from: disk.position, knowsStates: false)
        let found = try await survey.report(of: disk, journal: run.journal)
        report.images += found.images
        report.faults += found.faults
        await run.close()
        disk.disarm()
        report.faults += try await reopened(disk, run.journal)
      }
      report.operations = disk.count(kind.kinds)
      report.injected = disk.injected
      report.faults = report.faults.map { "\(kind), \(nth)\(forGood ? " for good" : ""): \($0)" }
      return report
    }
  }

  private var limits: WriteAheadLog.Limits { kind.kinds == DISK_SHIM_TRUNCATE ? Run.cutting : Run.copying }

  /// Opens the store; if the disk does not let it, again when the disk is well.
  private func begin(_ disk: Disk, _ report: inout Report) async throws -> Run? {
    do {
      return try await Run(disk: disk, seed: Amount.seed &+ 6, looks: false, limits: limits)
    } catch let error as StoreError {
      if case .cannotOpen = error {} else { report.faults.append("opening failed with \(error)") }
      if disk.injected == 0 { report.faults.append("opening failed on a good disk: \(error)") }
    }
    disk.disarm()
    do {
      return try await Run(disk: disk, seed: Amount.seed &+ 6, looks: false, limits: limits)
    } catch {
      report.faults.append("opening failed after the disk was well again: \(error)")
      return nil
    }
  }

  private func drive(_ run: Run, _ report: inout Report) async throws {
    var refused = 0
    for _ in 0..<Self.groups {
      let injected = run.disk.injected
      let failure = run.store.failure  // of a checkpoint, after the group before was answered
      let answers = try await run.group(run.next())
      run.pass()
      _ = try? await run.store.summary(now: Moment(milliseconds: 0))  // a reader may meet the fault as well
      let errors = answers.compactMap { if case .failure(let error) = $0.result { error } else { nil } }
      guard let error = errors.first else { continue }
      if failure == nil, run.disk.injected == injected { report.faults.append("refused on a good disk: \(error)") }
      if case .unavailable = error {
        try await expectEnd(run, error, &report)
        return
      }
      report.faults += misnomer(error)
      refused += 1
      if refused == Self.refusals { run.disk.disarm() }
    }
    if refused > 0, run.store.failure == nil { try await expectToGoOn(run, &report) }
  }

  /// What is wrong with that answer to this fault.
  private func misnomer(_ error: StoreError) -> [String] {
    switch (error, kind.code) {
    case (.full, .SQLITE_FULL), (.busy, .SQLITE_BUSY): []
    default: ["answered with \(error)"]
    }
  }

  /// After an I/O error nothing is acknowledged any more.
  private func expectEnd(_ run: Run, _ error: StoreError, _ report: inout Report) async throws {
    if kind.isPassing { report.faults.append("gave up: \(error)") }
    if run.store.failure == nil { report.faults.append("did not stop after \(error)") }
    run.disk.disarm()
    let answers = try await run.group([.pause(true)])
    if answers.contains(where: { (try? $0.result.get()) != nil }) {
      report.faults.append("acknowledged something after \(error)")
    }
  }

  /// When the disk is well, the verbs that it refused work.
  private func expectToGoOn(_ run: Run, _ report: inout Report) async throws {
    run.disk.disarm()
    for answer in try await run.group([.pause(false)]) {
      if case .failure(let error) = answer.result { report.faults.append("did not go on: \(error)") }
    }
  }

  /// What is wrong with the files that the process left, once another one opens them.
  private func reopened(_ disk: Disk, _ journal: Journal) async throws -> [String] {
    var image: [String: [UInt8]] = [:]
    for name in ["nudged.db", "nudged.db-wal", "nudged.db-journal"] {
      image[name] = (try? Data(contentsOf: disk.folder.appending(path: name))).map(Array.init)
    }
    return try await withMemoryFolder { folder in
      try await Inspector(folder: folder, journal: journal)
        .faults(in: image, at: disk.position, knowsStates: false).map { "reopened: \($0)" }
    }
  }
}
