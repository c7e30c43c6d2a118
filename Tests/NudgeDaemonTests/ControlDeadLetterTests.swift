import NudgeAPI
import NudgeDomain
import NudgeStore
import Testing

@testable import NudgeDaemon

@Suite("Dead letters of the control API")
struct ControlDeadLetterTests {
  @Test("all of a reason are retried, batch by batch; what is not wanted any more is told with its reason and ids")
  func retriesAll() async throws {
    try await withControl { control in
      let count = Engine.deadLetterBatch * 2 + 3
      try await control.makeDeadLetters(count)
      _ = try await control.post("/order", #"{"order_id": "o-9", "checkout_id": "c-9"}"#)
      try await control.refuseWhatIsDue()
      let answer = try await control.post(
        "/messages/retry", #"{"state": "dead", "reason": "refused", "kind": "reminder"}"#)
      #expect(answer.status == 200)
      let reply = try DeadLettersReply(json: answer.json, verb: .retry)
      #expect(reply.done == count - 1)
      #expect(reply.rest == [.init(reason: "ordered", count: 1, ids: ["m-9"])])
      #expect(control.daemon.now.rings.last == control.daemon.now.now)
      let dead = try MessagePage(json: try await control.ask("GET", "/messages?state=dead").json)
      #expect(dead.messages.map(\.kind) == [.order], "another kind was not asked for")
      let again = try await control.post("/messages/retry", #"{"state": "dead", "reason": "attempts_exhausted"}"#)
      #expect(again.text == #"{"retried":0,"not_retried":[]}"#)
    }
  }

  @Test("only those of the shop and the state that was said are retried or dropped")
  func filters() async throws {
    try await withControl { control in
      try await control.makeDeadLetters(3, shop: "a")
      try await control.makeDeadLetters(2, shop: "b")
      try await control.makeDeadLetters(2, shop: "c", .unknown(error: "lost"))
      let dropped = try await control.post("/messages/drop", #"{"state": "dead", "shop": "a"}"#)
      #expect(dropped.text == #"{"dropped":3,"not_dropped":[]}"#)
      #expect(try await control.post("/messages/drop", #"{"state": "unknown", "shop": "b"}"#).json["dropped"] == 0)
      #expect(try await control.post("/messages/retry", #"{"state": "dead", "shop": "c"}"#).json["retried"] == 0)
      #expect(try await control.post("/messages/retry", #"{"state": "unknown"}"#).json["retried"] == 2)
      #expect(try await control.post("/messages/retry", #"{"state": "dead"}"#).json["retried"] == 2)
    }
  }

  @Test("a request names its state, and nothing that is no state, reason, kind or shop")
  func refuses() async throws {
    try await withControl { control in
      for body in [
        "{}", #"{"state": "sent"}"#, #"{"state": "dead", "reason": "whim"}"#, #"{"state": "dead", "kind": "gift"}"#,
        #"{"state": "dead", "shop": "a b"}"#, #"{"state": "dead", "ids": []}"#, #"["dead"]"#,
      ] {
        for verb in ["retry", "drop"] {
          let answer = try await control.post("/messages/\(verb)", body)
          #expect(answer.problem == .invalid, "\(body)")
        }
      }
      #expect(try await control.ask("GET", "/messages/retry").problem == .methodNotAllowed)
    }
  }

  @Test("a retry that an order forestalled is told so, and the dead message is cancelled")
  func forestalled() async throws {
    try await withControl { control in
      try await control.makeDeadLetter()
      _ = try await control.post("/order", ControlRouteTests.order)
      let answer = try await control.ask("POST", "/messages/m-1/retry")
      #expect(answer.problem == .wrongState)
      #expect(
        try Problem(json: answer.json).detail
          == "it is not sent again: the order has come; the message is cancelled (ordered)")
      let message = try MessageReply(json: try await control.ask("GET", "/messages/m-1").json)
      #expect(message.state == "cancelled" && message.reason == "ordered")
    }
  }

  /// Addresses that an event may not have, or no envelope; they are there all the same, from another time.
  @Test(
    "a message whose address takes no mail is not retried, and says why",
    arguments: [
      "ann", "ann@", "-ann@example.com", "ann\u{0}@example.com", "ann <x>@example.com",
      "\(String(repeating: "a", count: 64))@\(String(repeating: "ü.", count: 45))example",
    ])
  func badAddress(address: String) async throws {
    try await withControl { control in
      let change = CheckoutChange(
        key: CheckoutKey(shop: "default", id: "c-1"), email: address, occurredAt: HeldDaemon.start, content: "{}")
      _ = try await control.store.record(change, policy: ShopPolicy(), now: HeldDaemon.start)
      try await control.settleWhatIsDue(.refused(error: "550 no"))
      let answer = try await control.ask("POST", "/messages/m-1/retry")
      #expect(answer.problem == .wrongState)
      #expect(try Problem(json: answer.json).detail.hasPrefix("mail cannot go to the address that is known now, "))
      let many = try DeadLettersReply(
        json: try await control.post("/messages/retry", #"{"state": "dead"}"#).json, verb: .retry)
      #expect(many == DeadLettersReply(verb: .retry, done: 0, rest: [.init(reason: "address", count: 1, ids: ["m-1"])]))
      #expect(try await control.store.message(1)?.state == .dead)
    }
  }

  @Test("the address that counts is the newest one, not the one that was refused")
  func newAddress() async throws {
    try await withControl { control in
      var policy = ShopPolicy()
      policy.onChange = .keep
      for (second, address) in [(0, "ann@"), (1_801, "ann@example.com")] {
        let time = HeldDaemon.start.advanced(by: .seconds(second))
        let change = CheckoutChange(
          key: CheckoutKey(shop: "default", id: "c-1"), email: address, occurredAt: time, content: "{}")
        _ = try await control.store.record(change, policy: policy, now: time)
        if second == 0 { try await control.settleWhatIsDue(.refused(error: "550 no")) }
      }
      #expect(try await control.ask("POST", "/messages/m-1/retry").status == 200)
    }
  }

  @Test("the mail of a message is shown as it would be sent now, or why it cannot be")
  func mail() async throws {
    try await withControl { control in
      try await control.makeDeadLetter()
      let mail = try PreviewReply(json: try await control.ask("GET", "/messages/m-1/mail").json)
      #expect(mail.subject == "Mail 1" && mail.to == "ann@example.com")
      _ = try await control.post("/order", ControlRouteTests.order)
      let order = try #require(try await control.store.messages(MessageQuery(kind: .order)).elements.first)
      #expect(try await control.ask("GET", "/messages/m-\(order.id)/mail").problem == .invalid)
      #expect(try await control.ask("GET", "/messages/m-999/mail").problem == .notFound)
      #expect(try await control.ask("GET", "/messages/17/mail").problem == .notFound)
    }
  }

  @Test("of very many that are left, the count is right and the first ids are told")
  func tally() {
    var tally = DeadLetterTally()
    for batch in 0..<5 {
      var part = DeadLetterTally()
      for number in 1...300 { part.leave(Int64(batch * 300 + number), because: "ordered") }
      tally.add(part)
    }
    tally.add([.done, .missing], of: [1, 2])
    let reply = tally.reply(.drop)
    #expect(reply.done == 1 && reply.rest.map(\.reason) == ["ordered", "settled"])
    #expect(reply.rest.first?.count == 1_500 && reply.rest.first?.ids.count == Engine.idsTold)
    #expect(reply.rest.first?.ids.last == "m-1000")
  }

  @Test("a test is sent by the daemon, and what is wrong with one is told by name")
  func testSend() async throws {
    try await withControl { control in
      let reply = try TestSendReply(json: try await control.post("/test-send", #"{"to": "me@example.com"}"#).json)
      #expect(reply.outcome == .accepted && reply.to == "me@example.com")
      let wrong = try await control.post("/test-send", #"{"to": "me", "kind": "gift", "locale": "?", "by": 1}"#)
      #expect(Set(try Problem(json: wrong.json).errors.map(\.pointer)) == ["/to", "/kind", "/locale", "/by"])
      let busy = try await control.post("/test-send", #"{"to": "held@example.com"}"#)
      #expect(busy.status == 503 && busy.fields["retry-after"] == "1")
    }
  }
}

extension ControlFixture {
  /// Reminders of checkouts named `c-1` and so on that ended that way.
  func makeDeadLetters(_ count: Int, shop: String = "default", _ delivery: Delivery = .refused(error: "554 no"))
    async throws
  {
    let lines = (1...count).map {
      #"{"type":"checkout","shop":"\#(shop)","checkout_id":"c-\#($0)","email":"\#($0)@example.com"}"#
    }
    daemon.set { $0.now = HeldDaemon.start }
    _ = try await stream(lines.joined(separator: "\n"))
    try await settleWhatIsDue(delivery)
  }

  /// Lets half an hour pass, and all that is due then end that way.
  func settleWhatIsDue(_ delivery: Delivery) async throws {
    let now = HeldDaemon.start.advanced(by: .seconds(1_800))
    daemon.set { $0.now = now }
    while case let claims = try await store.claimDue(now: now, limit: 500, policies: Policies()).claims, !claims.isEmpty
    {
      for claim in claims {
        _ = try await store.settle(claim, outcome: .delivered(delivery), policies: Policies(), now: now, jitter: 0)
      }
    }
  }
}
