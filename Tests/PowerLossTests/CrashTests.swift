import CDiskShim
import Foundation
import Testing

/// How much is done: little in all tests together, much with `make test-power`.
enum Amount {
  private static let environment = ProcessInfo.processInfo.environment
  static let seed = environment["NUDGED_SEED"].flatMap { UInt64($0) } ?? 1
  /// Images by chance for each operation; nil for a short run.
  static let images = environment["NUDGED_CRASH_IMAGES"].flatMap { Int($0) }
  static var isLong: Bool { images != nil }

  /// Says how it goes, at once: standard output may wait for more.
  static func tell(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }
}

@Suite("Loss of power", .serialized) struct CrashTests {
  @Test("whatever it leaves holds all that was acknowledged, and nothing half")
  func images() async throws {
    let report = try await survey(
      groups: Amount.isLong ? 160 : 40,
      Survey(chances: Amount.images ?? 1, stride: Amount.isLong ? 1 : 6, seed: Amount.seed, tells: Amount.isLong))
    Amount.tell(
      "power loss: \(report.operations) operations, \(report.images) crash images, \(report.faults.count) violations")
    #expect(report.faults.isEmpty, "seed \(Amount.seed): \(report.faults.joined(separator: "\n"))")
    #expect(report.images > report.operations / 4)
  }

  @Test("power that fails again after a restart leaves what was acknowledged before both")
  func again() async throws {
    var sum = Survey.Report()
    for round in 0..<(Amount.isLong ? 12 : 1) {
      sum = sum + (try await surveyTwice(seed: Amount.seed &+ UInt64(round)))
    }
    Amount.tell("power loss: twice: \(sum.images) crash images, \(sum.faults.count) violations")
    #expect(sum.faults.isEmpty, "\(sum.faults.joined(separator: "\n"))")
  }

  @Test("a store that does not sync its log is found out", arguments: ["OFF", "NORMAL"])
  func withoutSync(level: String) async throws {
    let report = try await survey(
      groups: 14, sabotage: .synchronous(level), Survey(chances: 1, stride: 4, seed: Amount.seed))
    Amount.tell("power loss: synchronous = \(level): \(report.images) images, \(report.faults.count) violations")
    #expect(report.faults.contains { $0.contains("acknowledged") })
  }

  @Test("a store that enters a hand-over into the ledger after it was begun is found out")
  func ledgerApart() async throws {
    let report = try await survey(
      groups: 40, sabotage: .ledgerApart, Survey(chances: 1, stride: 7, seed: Amount.seed))
    Amount.tell(
      "power loss: ledger in a second transaction: \(report.images) images, \(report.faults.count) violations")
    #expect(report.faults.contains { $0.contains("what is being sent has one open row in the ledger") })
  }

  @Test("an answer comes right after the log is synced")
  func answers() async throws {
    try await Disk.with { disk in
      disk.record()
      let run = try await Run(disk: disk, seed: Amount.seed)
      try await run.go(groups: 40)
      let positions = Set(run.journal.entries.map(\.from))
      #expect(positions.count > 20)
      for position in positions {
        let last = disk.operation(position - 1)
        #expect(last.kind == DISK_SHIM_SYNC && disk.name(of: last) == "nudged.db-wal", "\(position)")
      }
      await run.close()
    }
  }

  /// Runs a store, restarts it on the way, and looks at what a loss of power would have left at any time.
  private func survey(groups: Int, sabotage: Run.Sabotage? = nil, _ survey: Survey) async throws -> Survey.Report {
    try await Disk.with { disk in
      disk.record()
      let run = try await Run(disk: disk, seed: survey.seed, sabotage: sabotage)
      try await run.go(groups: groups / 2)
      try await run.restart()
      try await run.go(groups: groups / 2)
      await run.close()
      disk_shim_uninstall()
      defer { disk_shim_install() }
      return try await survey.report(of: disk, journal: run.journal)
    }
  }

  /// Runs a store, loses power at some time, runs it again on what is left, and looks at what a second loss would leave.
  private func surveyTwice(seed: UInt64) async throws -> Survey.Report {
    var dice = Dice(seed: seed)
    let (image, journal) = try await Disk.with { disk in
      disk.record()
      let run = try await Run(disk: disk, seed: seed)
      let opened = disk.position
      try await run.go(groups: 25)
      let position = opened + dice.below(disk.position - opened)
      var loss = Loss()
      for index in 0..<position { loss.apply(disk.operation(index), name: disk.name(of: disk.operation(index))) }
      await run.close()
      return (loss.image(dice.pick(Loss.Mode.random), dice: &dice), run.journal.inherited(at: position))
    }
    return try await Disk.with { disk in
      try image.lay(into: disk.folder)
      disk.record()
      let run = try await Run(disk: disk, seed: seed &+ 1, journal: journal)
      try await run.go(groups: 12)
      await run.close()
      let survey = Survey(chances: 1, stride: Amount.isLong ? 3 : 9, seed: seed, before: image)
      var report = try await survey.report(of: disk, journal: run.journal)
      report.faults = report.faults.map { "seed \(seed): \($0)" }
      return report
    }
  }
}
