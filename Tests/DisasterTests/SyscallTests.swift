import Foundation
import TestKit
import Testing

/// What the kernel does to nudged at its nth call. The count is each thread's own.
struct Fault: CustomTestStringConvertible {
  enum End: Sendable {
    /// It must end by itself, because what is on disk is unknown.
    case restarts
    case killed
    /// It refuses events until the calls succeed again.
    case refuses
    /// It holds mail, and says so.
    case holds
  }

  var call: String
  /// As strace writes it.
  var action: String
  var at: ClosedRange<Int>
  /// For so many calls; nil for all that follow.
  var times: Int?
  var end: End

  var testDescription: String { "\(call) \(action)" }

  /// The words that make strace start a program and do that to it, and write down what it did.
  func words(dice: inout Dice, path: String?, log: String) -> [String] {
    let first = Int.random(in: at, using: &dice)
    let when = times.map { "\(first)..\(first + $0)" } ?? "\(first)+"
    // In the faster way of tracing, signals do not get through.
    let way = end == .killed ? [] : ["--seccomp-bpf"]
    return ["strace", "-D", "-f"] + way + ["-qq", "-o", log, "-e", "trace=\(call)"]
      + (path.map { ["-P", $0] } ?? []) + ["-e", "inject=\(call):\(action):when=\(when)"]
  }
}

@Suite("nudged, failed by the kernel", .serialized, .enabled(if: Means.traces, "no strace, or it may not trace here"))
struct SyscallTests {
  /// Of the write-ahead log, which is all of the database that is written while nudged runs.
  private static let ofDatabase = [
    Fault(call: "fdatasync", action: "error=EIO", at: 3...40, end: .restarts),
    Fault(call: "pwrite64", action: "error=ENOSPC", at: 150...300, times: 60, end: .refuses),
    Fault(call: "pwrite64", action: "signal=KILL", at: 3...300, end: .killed),
    Fault(call: "fdatasync", action: "signal=KILL", at: 3...40, end: .killed),
    Fault(call: "pwrite64", action: "error=EIO", at: 3...300, end: .restarts),
    Fault(call: "fdatasync", action: "error=ENOSPC", at: 3...40, end: .restarts),
  ]
  private static let ofMaildir = [
    Fault(call: "rename", action: "error=EIO", at: 2...5, end: .holds),
    Fault(call: "rename", action: "signal=KILL", at: 1...5, end: .killed),
    Fault(call: "fsync", action: "error=ENOSPC", at: 3...8, end: .holds),
    Fault(call: "fsync", action: "signal=KILL", at: 1...8, end: .killed),
    Fault(call: "fsync", action: "error=EIO", at: 3...8, end: .holds),
  ]
  /// How often each of them, in the long run.
  private static let rounds = 2

  @Test("the disk fails it: what is not surely on disk is not acknowledged, and what is acknowledged is kept")
  func database() async throws {
    try await withScene { scene in
      try await scene.witness.tell("load", #"{"seed": \#(Means.seed), "rate": 40}"#)
      let faults =
        Means.isLong
        ? Array(repeating: Self.ofDatabase, count: Self.rounds).flatMap { $0 } : Array(Self.ofDatabase.prefix(1))
      let injected = try await suffer(faults, in: scene, path: "\(scene.database)-wal")
      try await scene.finish(try await scene.ready())
      let verdict = try await scene.witness.verdict(scene.database)
      print(verdict.summary("\(injected) failed or deadly calls of \(faults.count) runs, seed \(Means.seed)"))
      #expect(verdict.findings.isEmpty, "seed \(Means.seed): \(verdict.findings)")
    }
  }

  @Test(
    "the folder of mails fails it: no mail is lost, none is there twice",
    .enabled(if: Means.isLong, "make test-kill"))
  func maildir() async throws {
    try await withScene(mail: .maildir) { scene in
      try await scene.witness.tell("load", #"{"seed": \#(Means.seed), "rate": 30}"#)
      let injected = try await suffer(Self.ofMaildir, in: scene, path: nil)
      try await scene.finish(try await scene.ready())
      let verdict = try await scene.witness.verdict(scene.database, maildir: scene.outbox)
      print(verdict.summary("\(injected) failed or deadly calls of the Maildir, seed \(Means.seed)"))
      #expect(verdict.findings.isEmpty, "seed \(Means.seed): \(verdict.findings)")
    }
  }

  /// One nudged for each fault, under load. Returns how many calls did not do what they should have.
  private func suffer(_ faults: [Fault], in scene: Scene, path: String?) async throws -> Int {
    var dice = Dice(seed: Means.seed)
    var injected = 0
    for fault in faults {
      let log = scene.folder.appending(path: "strace.log")
      try? FileManager.default.removeItem(at: log)
      let nudged = try scene.start(under: fault.words(dice: &dice, path: path, log: log.path))
      switch fault.end {
      case .restarts, .killed: break
      case .refuses:
        try await scene.witness.tell("until", #"{"refused": 3}"#)
        try await scene.witness.tell("until", #"{"acknowledged": 30}"#)
        nudged.signal(SIGTERM)
      case .holds:
        _ = try await nudged.line(containing: "mail is held")
        nudged.signal(SIGTERM)
      }
      let end = await nudged.end()
      let expected: Int32 =
        switch fault.end {
        case .restarts: 74
        case .killed: SIGKILL
        case .refuses, .holds: 0
        }
      #expect(end.status == expected, "\(fault.testDescription): \(end.errorText)")
      let calls = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
      let hits = calls.count { $0.contains("(INJECTED)") } + (fault.end == .killed ? 1 : 0)
      #expect(hits > 0, "\(fault.testDescription) never happened")
      injected += hits
    }
    return injected
  }
}
