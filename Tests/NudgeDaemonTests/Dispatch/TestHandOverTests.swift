import NudgeAPI
import NudgeDomain
import NudgeMail
import Synchronization
import Testing

@testable import NudgeDaemon
@testable import NudgeStore

@Suite("Test mails") struct TestHandOverTests {
  private static let request = TestSendRequest(to: "me@example.com")

  @Test("a test is marked, goes to the address that was said, and leaves the store as it was")
  func marked() async throws {
    try await withDispatchWorld { world in
      try await world.checkout("c-1")
      let before = try await world.store.summary(now: noon)
      let commits = world.store.writer.groups.load(ordering: .relaxed)
      let event = CheckoutEvent(checkoutID: "c-9", email: "bob@example.com", cart: CartContent(name: "Bob"))
      let mail = PreviewRequest(kind: .reminder(step: 2), subject: .event(.checkout(event)))
      for _ in 1...2 {
        let reply = try await world.dispatcher.testSend(TestSendRequest(to: "me@example.com", mail: mail), now: noon)
        #expect(reply.outcome == .accepted && reply.subject.hasPrefix("[Test] ") && reply.to == "me@example.com")
      }
      let letters = world.sender.letters
      #expect(letters.map(\.recipient) == ["me@example.com", "me@example.com"])
      for letter in letters {
        let text = String(decoding: letter.bytes, as: UTF8.self)
        #expect(text.contains("\r\nX-Nudged-Test: yes\r\n") && text.contains("\r\nSubject: [Test] "))
        #expect(text.contains("\r\nTo: Bob <me@example.com>\r\n") && !text.contains("bob@example.com"))
        #expect(letter.attemptID.hasPrefix("t-"))
      }
      let ids = letters.map {
        $0.bytes.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: "Message-ID:".utf8) }
      }
      #expect(Set(ids).count == 2, "each test has a name of its own")
      #expect(world.store.writer.groups.load(ordering: .relaxed) == commits, "nothing was written")
      #expect(try await world.store.summary(now: noon) == before)
    }
  }

  @Test(
    "what the mail server says is the answer",
    arguments: [
      (.accepted(providerID: "p-1"), .accepted, "p-1", nil),
      (.deferred(.message, error: "451 later"), .deferred, nil, "451 later"),
      (.deferred(.sender, error: "paused"), .deferred, nil, "paused"),
      (.refused(error: "550 no"), .refused, nil, "550 no"),
      (.unknown(error: "lost"), .unknown, nil, "lost"),
    ] as [(Delivery, TestSendReply.Outcome, String?, String?)])
  func answer(delivery: Delivery, outcome: TestSendReply.Outcome, provider: String?, error: String?) async throws {
    try await withDispatchWorld(script: { _ in delivery }) { world in
      let reply = try await world.dispatcher.testSend(Self.request, now: noon)
      #expect(reply.outcome == outcome && reply.providerID == provider && reply.error == error)
      #expect(world.dispatcher.status == .ok, "a test alone holds no mail")
    }
  }

  @Test("a test goes out while mail is held or paused, and says so")
  func held() async throws {
    try await withDispatchWorld(script: { _ in .deferred(.sender, error: "SendingPaused") }) { world in
      try await world.checkout("c-1")
      world.clock.advance(by: .seconds(1_800))
      try await world.tick()
      try await world.store.setPaused(true, now: world.clock.now())
      let reply = try await world.dispatcher.testSend(Self.request, now: noon)
      #expect(reply.outcome == .deferred && reply.error == "SendingPaused" && reply.held == "SendingPaused")
      #expect(world.sender.letters.count == 2)
      world.sender.answers { _ in .accepted(providerID: nil) }
      #expect(try await world.dispatcher.testSend(Self.request, now: noon).outcome == .accepted)
    }
  }

  @Test("a test takes one of what the rate allows, and waits for it", .timeLimit(.minutes(1)))
  func rate() async throws {
    try await withDispatchWorld(rate: 2) { world in
      for number in 1...2 { try await world.checkout("c-\(number)") }
      world.clock.advance(by: .seconds(1_800))
      try await world.tick()
      #expect(world.sender.letters.count == 2)
      async let test = world.dispatcher.testSend(Self.request, now: noon)
      _ = await world.clock.sleepBegins()
      #expect(world.sender.letters.count == 2, "the second is full")
      try await world.checkout("c-3", at: noon.advanced(by: .seconds(1)))
      world.clock.advance(by: .seconds(1))
      #expect(try await test.outcome == .accepted)
      #expect(world.sender.letters.last?.attemptID.hasPrefix("t-") == true)
      let room = world.dispatcher.state.withLock { $0.room(now: world.clock.uptime()).limit }
      #expect(room == 1, "it took one of two, and gave its place back")
    }
  }

  @Test("a test that finds no room is refused, and takes none", .timeLimit(.minutes(1)))
  func noRoom() async throws {
    try await withDispatchWorld(rate: 1) { world in
      world.dispatcher.state.withLock { state in
        for second in 0..<20 { state.flights.add(Int64(second + 1)) }
      }
      async let test = world.dispatcher.testSend(Self.request, now: noon)
      for _ in 0..<600 {
        _ = await world.clock.sleepBegins()
        world.clock.advance(by: .seconds(1))
        if world.clock.now().since(noon) >= Dispatcher.testPatience { break }
      }
      do {
        _ = try await test
        Issue.record("there was room")
      } catch {
        #expect((error as? Problem)?.code == .overloaded)
      }
      #expect(world.sender.letters.isEmpty)
      #expect(world.dispatcher.inFlight == 20, "it left")
    }
  }

  @Test("a daemon that ends sends no test; one that is on its way keeps its sender")
  func stopping() async throws {
    try await withDispatchWorld(script: { _ in nil }) { world in
      async let test = world.dispatcher.testSend(Self.request, now: noon)
      let handOver = await world.sender.next()
      world.dispatcher.stop()
      async let run: Void = world.dispatcher.run()
      await #expect(throws: Problem.stopping) { try await world.dispatcher.testSend(Self.request, now: noon) }
      #expect(world.sender.shutdowns == 0)
      handOver.answer(.accepted(providerID: nil))
      #expect(try await test.outcome == .accepted)
      try await run
      #expect(world.sender.shutdowns == 1)
    }
  }

  @Test("a test that cannot be written is refused with the reason, and nothing goes out")
  func unwritable() async throws {
    try await withDispatchWorld { world in
      let long = String(repeating: "a", count: 64) + "@" + String(repeating: "ü.", count: 45) + "example"
      await #expect(throws: Problem.self) { try await world.dispatcher.testSend(.init(to: long), now: noon) }
      #expect(world.sender.letters.isEmpty && world.dispatcher.inFlight == 0)
    }
  }
}
