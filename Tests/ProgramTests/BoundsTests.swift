import Foundation
import NudgeAPI
import TestKit
import Testing

@Suite("Bounds: clients that nobody wants", .serialized)
struct BoundsTests {
  /// How many connections, or what else the attack counts in: in short, and in full.
  static let attacks: [(name: String, short: Int?, full: Int)] = [
    ("slow", nil, 1_000), ("idle", 2_000, 2_000), ("mute", nil, 5_000), ("half_closed", 70, 700),
    ("vanishing", 100, 2_000), ("deaf", nil, 500), ("costly", 6, 24), ("held_bodies", 200, 1_000),
    ("pipelined_behind", nil, 100),
  ]

  @Test(
    "memory, descriptors and the answers to others stay within bounds",
    arguments: attacks.filter { BoundsRun.isFull || $0.short != nil }.map(\.name))
  func areBounded(name: String) async throws {
    let attack = try #require(Self.attacks.first { $0.name == name })
    try await BoundsRun.attack(name, BoundsRun.isFull ? attack.full : attack.short ?? 0)
  }

  @Test("streams of events that hardly move leave room for others")
  func boundsStreams() async throws {
    let answers = try #require(try await BoundsRun.attack("slow_streams", 40).seen["answers"] as? [String: Int])
    #expect(answers == ["None": 16, "503": 24])
  }

  @Test("who is told goodbye and stays is left")
  func leaves() async throws {
    #expect(try await BoundsRun.attack("lingering", 8).seen["closed"] as? Int == 8)
  }

  @Test("while clients send very many requests in one go, another is served")
  func isFair() async throws {
    let seen = try await BoundsRun.attack("pipelined", 30).seen
    let (served, wanted) = try (#require(seen["served"] as? Int), #require(seen["wanted"] as? Int))
    #expect(served >= wanted, "served so often until all of theirs were answered")
  }

  @Test("when no descriptor is left, the idle make room for those who wait, nothing is lost, and the log says so")
  func runsOutOfDescriptors() async throws {
    let clients = 24
    let run = try await BoundsRun.attack("exhausted", clients)
    #expect(try run.seen["answers"] as? [String: Int] == ["200": clients])
    #expect(try #require(run.seen["sent_away"] as? Int) > 0)
    // The first one is from before the attack.
    #expect(run.kept == run.report.other.posts + 1)
    #expect(run.log.contains("Clients have to wait"))
  }

  @Test("garbage is refused, or read to its end without being kept", .enabled(if: BoundsRun.isFull))
  func refusesGarbage() async throws {
    let seen = try await BoundsRun.attack("garbage", 64).seen
    let expected = [
      "noise": 400, "endless_target": 400, "endless_header": 400, "endless_headers": 400, "noise_as_events": 200,
      "one_line_as_events": 200, "announced": 413, "chunked": 413, "endless_array": 413, "endless_trailers": 400,
    ]
    for (name, status) in expected {
      #expect((seen[name] as? [String: Any])?["answer"] as? Int == status, "\(name): \(seen[name] ?? "-")")
    }
  }

  @Test("thousands of bad lines with hundreds of faults each are told of within bounds", .enabled(if: BoundsRun.isFull))
  func boundsRejections() async throws {
    try await BoundsRun.attack("rejections", 3_000)
  }
}

@Suite("Bounds: long imports", .serialized)
struct BoundsImportTests {
  private static let streamed = BoundsRun.isFull ? 200_000 : 10_000
  private static let imported = BoundsRun.isFull ? 1_000_000 : 5_000
  /// The write-ahead log is checkpointed at 256 MiB; KiB.
  private static let log = 512 << 10
  /// What nudgectl takes up, its program included; KiB.
  private static let client = 192 << 10

  @Test("a stream of very many events is taken whole, in bounded memory and with a bounded log, and others are served")
  func streams() async throws {
    let run = try await BoundsRun.attack("events", Self.streamed)
    try expectTaken(run, Self.streamed)
    #expect(run.report.other.logKib < Self.log)
  }

  @Test("a stream from a writer that is slower than nudged is taken whole")
  func streamsSlowly() async throws {
    try expectTaken(try await BoundsRun.attack("slow_writer", 1_000), 1_000)
  }

  @Test("nudgectl imports very many events from a pipe without keeping them")
  func imports() async throws {
    let run = try await BoundsRun.attack("imports", Self.imported)
    try expectTaken(run, Self.imported)
    #expect(run.report.other.logKib < Self.log)
    #expect(try #require(try run.seen["client_kib"] as? Int) < Self.client)
  }

  private func expectTaken(_ run: BoundsRun, _ lines: Int) throws {
    let reply = try #require(try run.seen["reply"] as? [String: Any])
    #expect(reply["accepted"] as? Int == lines)
    #expect((reply["rejected"] as? [Any])?.count == 0)
  }
}

@Suite("Bounds: the API from answer to request")
struct BoundsDescriptionTests {
  private static let examples = BoundsRun.isFull ? 200 : 5

  @Test(
    "going along the description's links, each of them and as chance has it, the daemon answers as described, and its database stays whole",
    arguments: ["links", "stateful"])
  func holds(way: String) async throws {
    try await withTemporaryFolder { folder in
      // Every mail of this shop is a dead letter after its first try.
      let yaml = """
        sender: { transport: sendmail, sendmail: { path: /bin/false } }
        retry: { attempts: 1 }
        shops: { default: { from: cart@shop.example, schedule: [1s, 2s, 1h] } }
        """
      let nudged = try await NudgedProgram(in: folder, yaml: yaml)
      for number in 1...3 {
        let event = #"{"checkout_id": "c-\#(number)", "order_id": "o-\#(number)", "email": "\#(number)@example.com"}"#
        try await nudged.send(.post, "/checkout", event)
      }
      try await nudged.send(.post, "/order", #"{"order_id": "o-1"}"#)
      _ = try await nudged.program.line(containing: "Mail is given up")
      let description = Repository.root.appending(path: "api/openapi.yaml").path
      let result = try await Program.run(
        Repository.python,
        [Repository.oracle("openapi").path, description, nudged.socket, String(Self.examples), way])
      print("bounds: \(way): \(result.text.split(separator: "\n").filter { $0.contains("inks") })")
      #expect(result.status == 0, "\(result.text)\(result.errorText)")
      let end = await nudged.stop()
      #expect(end.status == 0)
      #expect(!end.errorText.contains(" error ") && !end.errorText.contains(" critical "), "\(end.errorText)")
      try await expectWhole(folder.appending(path: "state/nudged.db"))
    }
  }

  /// SQLite's own checks, and what the tables must say of each other.
  private func expectWhole(_ database: URL) async throws {
    let questions = """
      PRAGMA integrity_check;
      SELECT count(*) FROM pragma_foreign_key_check;
      SELECT count(*) FROM message WHERE (state IN ('scheduled', 'sending')) = (settled_at IS NOT NULL);
      SELECT count(*) FROM message m JOIN checkout c ON c.id = m.checkout
        WHERE m.step IS NOT NULL AND m.state = 'scheduled' AND c.state <> 'open';
      """
    let result = try await Program.run(
      URL(filePath: "/usr/bin/sqlite3"), ["-readonly", database.path], input: Data(questions.utf8))
    #expect(result.text == "ok\n0\n0\n0\n", "\(result.text)\(result.errorText)")
  }
}
