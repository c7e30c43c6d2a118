import NudgeAPI
import Testing

private let now = Timestamp(milliseconds: 1_795_348_800_123)

@Suite("Both directions") struct RoundTripTests {
  static let cart = CartContent(
    name: "Zoë \"Z\" 王", locale: "zh-Hant-TW", timeZone: "Asia/Taipei", url: "https://shop.example/?a=b&c",
    items: [
      .init(name: "杯 🍵", quantity: 3, price: "12.500", imageURL: "https://x.example/i", url: nil), .init(name: "x"),
    ],
    total: "37.500", currency: "KWD", metadata: ["b": [1, ["y": 1.json, "x": .null]], "a": .number("1.00")])

  @Test("events are written and read again as the same")
  func events() throws {
    let checkout = CheckoutEvent(
      shop: "s", checkoutID: "c/1", orderID: "o", email: "a@b.example", customerID: "7", cart: Self.cart,
      occurredAt: now)
    #expect(try CheckoutEvent(checkout.json, now: now) == checkout)
    let least = CheckoutEvent(checkoutID: "c", email: "a@b.example")
    #expect(try CheckoutEvent(least.json, now: now) == least)
    var orderCart = Self.cart
    (orderCart.locale, orderCart.timeZone) = (nil, nil)
    let order = OrderEvent(
      shop: "s", orderID: "o", checkoutID: "c", email: "a@b.example", customerID: "7", cart: orderCart, occurredAt: now)
    #expect(try OrderEvent(order.json, now: now) == order)
    for event in [Event.checkout(checkout), .order(order), .order(OrderEvent(orderID: "o"))] {
      #expect(try Event(event.json, now: now) == event)
      #expect(try Event(line: event.json.bytes, now: now) == event)
    }
  }

  @Test("content is canonical: the order of members does not count, that of items and of numbers' digits does")
  func content() throws {
    #expect(try CartContent.parsing(Self.cart.canonical) == sorted(Self.cart))
    #expect(try CartContent.parsing(CartContent().canonical) == CartContent())
    #expect(CartContent().canonical == "{}")
    #expect(CartContent(items: []).canonical == #"{"items":[]}"#)
    func content(_ json: String) throws -> String {
      try CheckoutEvent(JSON(parsing: #"{"checkout_id":"c","email":"a@b.example","# + json + "}"), now: now).content
    }
    let a = try content(
      #""name":"A","metadata":{"x":1,"y":{"b":[1,2],"a":2}},"items":[{"name":"p","price":"1"},{"name":"q"}]"#)
    let b = try content(
      #""items":[{"price":1,"name":"p"},{"quantity":1,"name":"q"}],"metadata":{"y":{"a":2,"b":[1,2]},"x":1},"name":"A""#
    )
    #expect(a == b)
    #expect(try content(#""items":[{"name":"q"},{"name":"p"}]"#) != content(#""items":[{"name":"p"},{"name":"q"}]"#))
    #expect(try content(#""total":"1.0""#) != content(#""total":"1.00""#))
    #expect(try content(#""metadata":{"x":[1,2]}"#) != content(#""metadata":{"x":[2,1]}"#))
  }

  private func sorted(_ cart: CartContent) -> CartContent {
    var cart = cart
    cart.metadata = ["a": .number("1.00"), "b": [1, ["x": .null, "y": 1]]]
    return cart
  }

  @Test("replies are written and read again as the same")
  func replies() throws {
    let checkout = CheckoutReply(
      shop: "s", checkoutID: "c", state: "open", generation: 1, changed: true, nextReminderAt: now)
    #expect(try CheckoutReply(json: JSON(parsing: written(checkout.write))) == checkout)
    #expect(
      written(checkout.write)
        == #"{"shop":"s","checkout_id":"c","state":"open","generation":1,"changed":true,"next_reminder_at":"2026-11-22T12:00:00.123Z"}"#
    )
    let order = OrderReply(
      shop: "s", orderID: "o", closed: ["c", "d"], remindersCancelled: 1, remindersInFlight: 0, orderMessage: .queued)
    #expect(try OrderReply(json: JSON(parsing: written(order.write))) == order)
    let events = EventsReply(accepted: 9, rejected: [.init(line: 17, problem: Problem(.malformed, "not JSON"))])
    #expect(try EventsReply(json: events.json) == events)
    let many = EventsReply(accepted: 0, rejected: events.rejected, rejectedMore: 3)
    #expect(try EventsReply(json: many.json) == many)
    #expect(try PauseReply(json: PauseReply(paused: true).json).paused)
    let clock = ClockReply(
      wallAt: now, expectedAt: now, jumpMilliseconds: 7, doubtedSince: now, isSynchronised: true,
      jumpLimitMilliseconds: 600_000, agreementMilliseconds: nil)
    #expect(try ClockReply(json: clock.json) == clock)
    let acceptance = ClockAcceptance(accepted: true, clock: clock)
    #expect(try ClockAcceptance(json: acceptance.json) == acceptance)
    let backup = BackupReply(
      path: "/x", bytes: 7, copiedAt: nil, schema: 2, rows: ["checkout": 3, "message": 4], checks: ["integrity"])
    #expect(try BackupReply(json: backup.json) == backup)
    let findings = CheckReply.Level.allCases.map { CheckReply.Finding(level: $0, place: "p", detail: "d") }
    let check = CheckReply(
      findings: findings + [.init(level: .error, group: "g", place: "p", detail: "d", publish: "x. IN A y")])
    #expect(try CheckReply(json: check.json) == check)
    let preview = PreviewReply(subject: "s", text: "t\n", html: "<p>", eml: "A: b\r\n")
    #expect(try PreviewReply(json: preview.json) == preview)
    let counts = StatusReply.Counts(
      checkoutsOpen: 1, messagesScheduled: 2, messagesSending: 3, messagesDead: 4, messagesUnknown: 5, sentTotal: 6,
      eventsTotal: 7)
    let status = StatusReply(
      version: "1", startedAt: now, paused: false,
      sender: .init(
        transport: "ses", state: .held, detail: "why", probingAt: now, heldSince: now, ratePerSecond: "12.6"),
      counts: counts, nextDueAt: nil, oldestDueLagMilliseconds: 8, databaseBytes: 9, walBytes: 10,
      quota: .init(usedToday: 11, usableToday: nil, askedAt: now),
      heldTemplates: [
        .init(shop: "s", kind: .order, detail: "no", since: now, probingAt: now, messages: 12),
        .init(shop: "s", kind: .reminder(step: 2), detail: "no", since: now, probingAt: now, messages: 0),
      ])
    #expect(try StatusReply(json: status.json) == status)
  }

  @Test("checkouts and messages are written and read again as the same")
  func records() throws {
    let attempt = AttemptReply(
      id: "a-99", startedAt: now, settledAt: nil, outcome: nil, providerID: "p", error: "421 later")
    let message = MessageReply(
      id: "m-17", shop: "s", checkoutID: "c", orderID: nil, kind: .reminder(step: 2), email: "a@b.example",
      state: "scheduled", reason: "deferred", dueAt: now, generation: 3, createdAt: now, settledAt: nil,
      attempts: [attempt])
    var orderMessage = message
    (orderMessage.kind, orderMessage.orderID, orderMessage.settledAt) = (.order, "o", now)
    orderMessage.actions = [
      .init(at: now, action: "retry", result: "done", user: "ann", uid: 1000, gid: 100, pid: 77),
      .init(at: now, action: "drop", result: "unfit", user: nil, uid: nil, gid: nil, pid: nil),
    ]
    let page = MessagePage(messages: [message, orderMessage], next: "17")
    #expect(try MessagePage(json: page.json) == page)
    let checkout = CheckoutSummary(
      shop: "s", checkoutID: "c", orderID: "o", email: "a@b.example", customerID: nil, state: "ordered", generation: 2,
      occurredAt: now, createdAt: now, changedAt: now, closedAt: now, closedBy: "o", nextReminderAt: nil)
    let list = CheckoutPage(checkouts: [checkout], next: nil)
    #expect(try CheckoutPage(json: list.json) == list)
    let detail = CheckoutDetail(checkout: checkout, cart: Self.cart, messages: [message, orderMessage])
    #expect(try CheckoutDetail(json: detail.json) == detail)
    let bare = CheckoutDetail(checkout: checkout, cart: CartContent(), messages: [])
    #expect(try CheckoutDetail(json: bare.json) == bare)
  }

  @Test("replies about dead letters, mails and tests are written and read again as the same")
  func interventions() throws {
    let rest = DeadLettersReply.Rest(reason: "ordered", count: 2, ids: ["m-1", "m-2"])
    for reply in [
      DeadLettersReply(verb: .retry, done: 7, rest: [rest]), .init(verb: .drop, done: 0, rest: []),
    ] { #expect(try DeadLettersReply(json: reply.json, verb: reply.verb) == reply) }
    #expect(throws: ReplyError.self) { try DeadLettersReply(json: ["retried": 1, "not_retried": []], verb: .drop) }
    let mail = PreviewReply(from: "S <s@x.example>", to: "a@b.example", subject: "s", text: "t", html: "h", eml: "e")
    #expect(try PreviewReply(json: mail.json) == mail)
    for outcome in TestSendReply.Outcome.allCases {
      let reply = TestSendReply(
        outcome: outcome, providerID: "p", error: nil, messageID: "test.1@x.example", from: "s@x.example",
        to: "a@b.example", subject: "[Test] s", transport: "ses", held: "SendingPaused")
      #expect(try TestSendReply(json: reply.json) == reply)
    }
  }

  @Test("requests are written and read again as the same")
  func requests() throws {
    for request in [
      PreviewRequest(kind: .reminder(step: 3)), .init(kind: .order, subject: .sample(shop: "x")),
      .init(kind: .order, subject: .event(.order(OrderEvent(orderID: "o")))),
      .init(
        kind: .reminder(step: 1),
        subject: .event(.checkout(.init(checkoutID: "c", email: "a@b.example", cart: Self.cart))), locale: "de-AT"),
    ] {
      #expect(try PreviewRequest(request.json, now: now) == request)
      let test = TestSendRequest(to: "me@example.com", mail: request)
      #expect(try TestSendRequest(test.json, now: now) == test)
    }
    for request in [
      DeadLettersRequest(state: .unknown), .init(state: .dead, reason: "refused", shop: "s", kind: .order),
    ] { #expect(try DeadLettersRequest(request.json) == request) }
    #expect(try BackupRequest(BackupRequest(path: "/x").json).path == "/x")
    for since in RestoredRequest.SinceCopy.allCases {
      #expect(try RestoredRequest(RestoredRequest(sinceCopy: since).json).sinceCopy == since)
    }
    #expect(throws: Problem.self) { try RestoredRequest(["since_copy": "sent"]) }
    let restored = RestoredReply(restoredFrom: nil, unknown: 3, paused: true)
    #expect(try RestoredReply(json: restored.json) == restored)
  }

  @Test("an event in a preview needs no type, and its errors point into it")
  func preview() throws {
    let bare: JSON = ["kind": "order", "event": ["order_id": "o"]]
    #expect(try PreviewRequest(bare, now: now).subject == .event(.order(OrderEvent(orderID: "o"))))
    let wrong: JSON = ["kind": "reminder", "step": 21, "event": ["email": "x"], "format": "html"]
    let problem = #expect(throws: Problem.self) { try PreviewRequest(wrong, now: now) }
    #expect(Set(problem?.errors.map(\.pointer) ?? []) == ["/step", "/event/email", "/event/checkout_id", "/format"])
  }

  @Test("a reply may have more members than are known, but not fewer")
  func tolerance() throws {
    #expect(try PauseReply(json: ["paused": true, "since": "x"]).paused)
    #expect(throws: ReplyError.self) { try PauseReply(json: [:]) }
    #expect(throws: ReplyError.self) { try CheckoutReply(json: ["shop": "s"]) }
    #expect(throws: ReplyError.self) { try CheckoutPage(json: ["checkouts": [1], "next": .null]) }
  }

  @Test("a line that is no event is refused for its reason")
  func lines() {
    func problem(_ line: String) -> Problem? {
      #expect(throws: Problem.self) { try Event(line: Array(line.utf8), now: now) }
    }
    #expect(problem("{")?.code == .malformed)
    #expect(problem("{}")?.errors == [.init(pointer: "/type", detail: "is required")])
    #expect(problem(#"{"type":"refund"}"#)?.errors.first?.detail == "must be \"checkout\" or \"order\"")
    #expect(problem(#"{"type":"order"}"#)?.errors.map(\.pointer) == ["/order_id"])
    #expect(problem("7")?.code == .invalid)
    #expect(problem(String(repeating: " ", count: Limits.eventBytes + 1))?.code == .tooLarge)
  }

  @Test(
    "a backup goes to an absolute path", arguments: ["", "x.db", "/a\0b", "/" + String(repeating: "x", count: 5_000)])
  func backup(path: String) {
    let problem = #expect(throws: Problem.self) { try BackupRequest(["path": JSON(path)]) }
    #expect(problem?.errors.map(\.pointer) == ["/path"])
  }
}

extension Int {
  fileprivate var json: JSON { JSON(self) }
}
