import Foundation
import NudgeAPI
import TestKit
import Testing

/// A machine is lost and its backup restored on another one, as docs/operations.md has it.
@Suite("Restore drill") struct RestoreDrillTests {
  private static let yaml = """
    sender: { rate: 0 }
    shops: { default: { schedule: [1h, 1d], from: a@shop.example, order_message: always } }

    """

  @Test("what was sent after the backup is not sent again, nothing that was taken is missing, and the rest goes on")
  func drill() async throws {
    try await withTemporaryFolder { folder in
      let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
      let (old, new) = (folder.appending(path: "old"), folder.appending(path: "new"))
      for place in [old, new] { try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true) }
      let copy = folder.appending(path: "copy.db")
      let lost = try await live(old, copy: copy, now: now)

      let check = try await Program.run(Repository.program("nudged"), ["--check-backup", copy.path])
      #expect(check.status == 0 && check.text.contains("is sound: a copy of"), "\(check.errorText)")
      let state = new.appending(path: "state")
      try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: copy, to: state.appending(path: "nudged.db"))
      let nudged = try await NudgedProgram(in: new, yaml: Self.yaml)
      let result: Result<Void, any Error>
      do { result = .success(try await takeOver(nudged, lost, now: now)) } catch { result = .failure(error) }
      nudged.program.signal(SIGKILL)
      await nudged.program.end()
      try result.get()
    }
  }

  /// What a lost machine leaves behind: every event that it acknowledged, and the mails that it handed over.
  private struct Lost {
    var events: [String] = []
    var mails: Set<String> = []
  }

  /// A daemon's life: mails before the backup, due mails that the backup still has as waiting, a backup under load, and
  /// mails, orders and events that it knows nothing of.
  private func live(_ folder: URL, copy: URL, now: Timestamp) async throws -> Lost {
    let nudged = try await NudgedProgram(in: folder, yaml: Self.yaml)
    var lost = Lost()
    do {
      for number in 0..<10 { lost.events.append(checkout("before-\(number)", due: .zero, now)) }
      try await post(lost.events, to: nudged)
      try await sent(10, by: nudged)
      try await nudged.send(.post, "/pause")
      for number in 0..<10 { lost.events.append(checkout("between-\(number)", due: .zero, now)) }
      for number in 0..<10 { lost.events.append(checkout("later-\(number)", due: .seconds(1_800), now)) }
      try await post(lost.events, to: nudged)
      let during = (0..<40).map { checkout("during-\($0)", due: .zero, now) }
      async let loaded: Void = { for event in during { try await post([event], to: nudged) } }()
      let answer = try await nudged.send(.post, "/backup", #"{"path": "\#(copy.path)"}"#)
      try await loaded
      #expect(try BackupReply(json: JSON(parsing: answer.body)).checks.count == 5)
      lost.events += during
      try await nudged.send(.post, "/resume")
      let order = #"{"type": "order", "order_id": "o-1", "checkout_id": "later-0", "email": "later-0@x.example"}"#
      lost.events += [order, checkout("after", due: .zero, now)]
      try await post(lost.events, to: nudged)
      try await sent(10 + 10 + 40 + 2, by: nudged)
      lost.mails = try mails(in: nudged)
    } catch {
      nudged.program.signal(SIGKILL)
      await nudged.program.end()
      throw error
    }
    nudged.program.signal(SIGKILL)
    await nudged.program.end()
    #expect(lost.mails.count == 62)
    try FileManager.default.removeItem(at: folder)
    return lost
  }

  private func takeOver(_ nudged: NudgedProgram, _ lost: Lost, now: Timestamp) async throws {
    #expect(try await status(nudged).restoredFrom != nil)
    let refusal = await #expect(throws: ClientError.self) { try await nudged.send(.post, "/resume") }
    guard case .problem(let problem, _) = refusal else { throw InputError(reason: "resumed") }
    #expect(problem.code == .wrongState && problem.detail.contains("nudgectl restored"))
    try await post(lost.events, to: nudged)
    #expect(try await status(nudged).counts.sentTotal == 10)
    try await nudged.send(.post, "/restored", #"{"since_copy": "unknown"}"#)

    let after = try await status(nudged)
    #expect(after.restoredFrom == nil && after.paused, "the backup was made while it was paused")
    try await nudged.send(.post, "/resume")
    #expect(after.counts.messagesUnknown == 10 + 40 + 2)
    for event in lost.events where !event.contains("order_id") {
      let id = try #require(try JSON(parsing: event)["checkout_id"]?.string)
      #expect(try await nudged.send(.get, "/checkouts/\(id)").status == 200)
    }
    try await post([checkout("new", due: .zero, now)], to: nudged)
    try await sent(11, by: nudged)
    #expect(try mails(in: nudged).isDisjoint(with: lost.mails))
    let scheduled = try await status(nudged).counts.messagesScheduled
    #expect(scheduled >= 10 + 10 + 40 + 9)
  }
}

extension RestoreDrillTests {
  /// A checkout whose first reminder is due so long from now, to an address of its own.
  private func checkout(_ id: String, due: Duration, _ now: Timestamp) -> String {
    let time = now.advanced(by: due).advanced(by: .seconds(-3_600)).rfc3339
    return #"{"type": "checkout", "checkout_id": "\#(id)", "email": "\#(id)@x.example", "occurred_at": "\#(time)"}"#
  }

  private func post(_ events: [String], to nudged: NudgedProgram) async throws {
    let client = Client(socket: nudged.socket)
    let body = AsyncStream<[UInt8]> { chunks in
      chunks.yield(Array(events.joined(separator: "\n").utf8))
      chunks.finish()
    }
    let result: Result<Reply, any Error>
    do { result = .success(try await client.events(body)) } catch { result = .failure(error) }
    await client.shutdown()
    let reply = try EventsReply(json: JSON(parsing: try result.get().bytes))
    #expect(reply.accepted == events.count && reply.rejected.isEmpty)
  }

  private func status(_ nudged: NudgedProgram) async throws -> StatusReply {
    try StatusReply(json: JSON(parsing: try await nudged.send(.get, "/status").body))
  }

  /// Waits until so many messages are sent and none is on the way.
  private func sent(_ count: Int, by nudged: NudgedProgram) async throws {
    let deadline = ContinuousClock.now.advanced(by: .seconds(60))
    while true {
      let counts = try await status(nudged).counts
      if counts.sentTotal >= count && counts.messagesSending == 0 { return }
      try #require(ContinuousClock.now < deadline, "\(counts)")
    }
  }

  /// Whom the mails in the outbox are to, and what each is about.
  private func mails(in nudged: NudgedProgram) throws -> Set<String> {
    var found: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: nudged.outbox.path) {
      let mail = try String(contentsOf: nudged.outbox.appending(path: name), encoding: .utf8)
      let recipient = try #require(mail.firstMatch(of: /\nTo: ([^\n]+)/)?.1)
      let subject = try #require(mail.firstMatch(of: /\nSubject: ([^\n]+)/)?.1)
      #expect(found.insert("\(recipient): \(subject)").inserted, "twice: \(recipient): \(subject)")
    }
    return found
  }
}
