import Foundation
import NudgeAPI
import NudgeDaemon
import NudgeDomain
import NudgeStore
import Testing

@Suite("Routes of the control API")
struct ControlRouteTests {
  static let checkout =
    #"{"checkout_id": "c-1", "email": "ann@example.com", "total": 25.00, "items": [{"name": "Mug", "quantity": 2}]}"#
  static let order = #"{"order_id": "o-1", "checkout_id": "c-1"}"#

  @Test("a checkout is taken, dated now, and the dispatcher woken for its reminder")
  func takesCheckout() async throws {
    try await withControl { control in
      let answer = try await control.post("/checkout", Self.checkout)
      #expect(answer.status == 202)
      #expect(answer.fields["content-type"] == "application/json")
      #expect(
        answer.text == #"{"shop":"default","checkout_id":"c-1","state":"open","generation":1,"changed":true,"#
          + #""next_reminder_at":"2026-11-22T12:30:00.000Z"}"#)
      #expect(control.daemon.now.rings == [HeldDaemon.start.advanced(by: .seconds(1_800))])

      control.daemon.set { $0.now = $0.now.advanced(by: .seconds(60)) }
      let again = try await control.post("/checkout", Self.checkout)
      #expect(again.status == 202)
      #expect(try again.json["changed"] == false)
      #expect(control.daemon.now.rings.count == 1, "nothing new is due")
    }
  }

  @Test("an order closes the checkout and queues its message")
  func takesOrder() async throws {
    try await withControl { control in
      _ = try await control.post("/checkout", Self.checkout)
      let answer = try await control.post("/order", Self.order)
      #expect(answer.status == 202)
      let reply = try OrderReply(json: answer.json)
      #expect(reply.closed == ["c-1"])
      #expect(reply.remindersCancelled == 1)
      #expect(reply.remindersInFlight == 0)
      #expect(reply.orderMessage == .queued)
      #expect(control.daemon.now.rings.last == HeldDaemon.start, "the order message is due at once")
      #expect(control.daemon.now.recalls.isEmpty, "nothing was in flight")
      let after = try await control.post("/checkout", Self.checkout)
      #expect(try after.json["state"] == "ordered")
      #expect(try after.json["next_reminder_at"] == .null)
    }
  }

  @Test(
    "a reminder whose hand-over has not begun is recalled before the order is acknowledged", arguments: [true, false])
  func recalls(isRecallable: Bool) async throws {
    try await withControl { control in
      _ = try await control.post("/checkout", Self.checkout)
      let due = HeldDaemon.start.advanced(by: .seconds(1_800))
      let claims = try await control.store.claimDue(now: due, limit: 10, policies: Policies())
      let claim = try #require(claims.claims.first)
      control.daemon.set { state in
        state.now = due
        if isRecallable { state.recallable = [claim.messageID] }
      }
      let reply = try OrderReply(json: try await control.post("/order", Self.order).json)
      #expect(control.daemon.now.recalls == [[claim.messageID]])
      #expect(reply.remindersCancelled == (isRecallable ? 1 : 0))
      #expect(reply.remindersInFlight == (isRecallable ? 0 : 1))
    }
  }

  @Test("checkouts are listed page by page, newest first, and shown with their messages")
  func showsCheckouts() async throws {
    try await withControl { control in
      for number in 1...3 {
        _ = try await control.post(
          "/checkout", #"{"checkout_id": "c/\#(number) ü", "email": "a+\#(number)@example.com"}"#)
      }
      let first = try CheckoutPage(json: try await control.ask("GET", "/checkouts?limit=2&state=open").json)
      #expect(first.checkouts.map(\.checkoutID) == ["c/3 ü", "c/2 ü"])
      let next = try #require(first.next)
      let second = try CheckoutPage(json: try await control.ask("GET", "/checkouts?limit=2&after=\(next)").json)
      #expect(second.checkouts.map(\.checkoutID) == ["c/1 ü"])
      #expect(second.next == nil)
      let plus = try CheckoutPage(json: try await control.ask("GET", "/checkouts?email=A+2@example.com").json)
      #expect(plus.checkouts.map(\.checkoutID) == ["c/2 ü"])

      let shown = try await control.ask("GET", "/checkouts/c%2F1%20%C3%BC?shop=default")
      #expect(shown.status == 200)
      let detail = try CheckoutDetail(json: shown.json)
      #expect(detail.checkout.email == "a+1@example.com")
      #expect(detail.messages.map(\.state) == ["scheduled"])
      #expect(detail.messages.map(\.dueAt.rfc3339) == ["2026-11-22T12:30:00.000Z"])
    }
  }

  @Test("a dead message is listed, shown, retried and dropped; the dispatcher is woken for the retry")
  func handlesDeadLetters() async throws {
    try await withControl { control in
      try await control.makeDeadLetter()
      let list = try MessagePage(json: try await control.ask("GET", "/messages?state=dead,unknown").json)
      let message = try #require(list.messages.first)
      #expect(message.id.hasPrefix("m-"))
      #expect(message.reason == "refused")
      #expect(message.attempts.map(\.outcome) == ["refused"])
      #expect(message.attempts.map(\.error) == ["554 no"])
      #expect(try await control.ask("GET", "/messages/\(message.id)").text == message.json.text)

      let retried = try await control.ask("POST", "/messages/\(message.id)/retry")
      #expect(retried.status == 200)
      #expect(try MessageReply(json: retried.json).state == "scheduled")
      #expect(control.daemon.now.rings.last == control.daemon.now.now)
      let early = try await control.ask("POST", "/messages/\(message.id)/drop")
      #expect(early.problem == .wrongState)

      try await control.refuseWhatIsDue()
      let dropped = try await control.ask("POST", "/messages/\(message.id)/drop")
      #expect(try MessageReply(json: dropped.json).reason == "dropped")
      #expect(try await control.ask("POST", "/messages/\(message.id)/retry").problem == .wrongState)
      #expect(try await control.ask("POST", "/messages/m-999/retry").problem == .notFound)
    }
  }

  @Test("the status tells how the daemon is")
  func tellsStatus() async throws {
    try await withControl { control in
      _ = try await control.post("/checkout", Self.checkout)
      let probe = HeldDaemon.start.advanced(by: .seconds(90))
      control.daemon.set { state in
        state.now = state.now.advanced(by: .seconds(1_801))
        state.sender = SenderReport(transport: "ses", state: .held(reason: "SendingPaused", until: probe))
      }
      let status = try StatusReply(json: try await control.ask("GET", "/status").json)
      #expect(status.version == "1.2.3")
      #expect(status.startedAt.rfc3339 == "2026-11-22T12:00:00.000Z")
      #expect(status.counts.checkoutsOpen == 1)
      #expect(status.counts.messagesScheduled == 1)
      #expect(status.counts.eventsTotal == 1)
      #expect(status.oldestDueLagMilliseconds == 1_000)
      #expect(status.nextDueAt?.rfc3339 == "2026-11-22T12:30:00.000Z")
      #expect(status.databaseBytes > 0)
      #expect(status.sender.state == .held)
      #expect(status.sender.detail == "SendingPaused")
      #expect(status.sender.probingAt?.rfc3339 == "2026-11-22T12:01:30.000Z")
    }
  }

  @Test("sending is paused and resumed, and whoever resumes it wakes the dispatcher")
  func pauses() async throws {
    try await withControl { control in
      #expect(try await control.ask("POST", "/pause").text == #"{"paused":true}"#)
      #expect(try await control.store.isPaused())
      let status = try StatusReply(json: try await control.ask("GET", "/status").json)
      #expect(status.paused)
      #expect(status.sender.state == .paused)
      #expect(try await control.ask("POST", "/resume").text == #"{"paused":false}"#)
      #expect(try await !control.store.isPaused())
      #expect(control.daemon.now.rings == [Moment(milliseconds: .min)], "whatever it sleeps for")
    }
  }

  @Test("a backup is a database with everything in it; an existing file is not overwritten")
  func backsUp() async throws {
    try await withControl { control in
      _ = try await control.post("/checkout", Self.checkout)
      let copy = control.folder.appending(path: "copy.db").path
      let answer = try await control.post("/backup", BackupRequest(path: copy).json.text)
      #expect(answer.status == 200)
      let size = try FileManager.default.attributesOfItem(atPath: copy)[.size] as? Int
      #expect(try BackupReply(json: answer.json).bytes == size)
      let restored = try Store(path: copy, now: HeldDaemon.start)
      #expect(try await restored.checkout(CheckoutKey(shop: "default", id: "c-1")) != nil)
      await restored.close()

      let again = try await control.post("/backup", BackupRequest(path: copy).json.text)
      #expect(again.problem == .invalid)
      #expect(try Problem(json: again.json).errors.map(\.pointer) == ["/path"])
      #expect(try await control.post("/backup", #"{"path": "copy.db"}"#).problem == .invalid)
      #expect(try await control.post("/backup", #"{"path": "/no/such/folder/copy.db"}"#).problem == .invalid)
    }
  }

  @Test("previews and checks are made by the daemon")
  func previews() async throws {
    try await withControl { control in
      let preview = try await control.post("/preview", #"{"kind": "reminder", "step": 2}"#)
      #expect(try PreviewReply(json: preview.json).subject == "Step 2")
      #expect(try await control.post("/preview", #"{"kind": "order"}"#).problem == .invalid)
      let check = try await control.ask("POST", "/check")
      #expect(try CheckReply(json: check.json).findings.map(\.place) == ["database"])
    }
  }

  @Test("HEAD says what GET would, without the body, and the connection goes on")
  func answersHead() async throws {
    try await withControl { control in
      let connection = try control.connection()
      let head = try await connection.ask("HEAD", "/healthz")
      #expect(head.status == 200)
      #expect(head.fields["content-length"] == "15")
      let get = try await connection.ask("GET", "/healthz")
      #expect(get.text == #"{"status":"ok"}"#)
    }
  }

  @Test("a target with scheme and host is the same as one without")
  func takesAbsoluteForm() async throws {
    try await withControl { control in
      let answer = try await control.ask("GET", "http://nudged/checkouts?limit=1")
      #expect(answer.status == 200)
      #expect(try await control.ask("GET", "http://nudged").problem == .notFound)
    }
  }

  @Test("requests in one packet are answered in their order")
  func pipelines() async throws {
    try await withControl { control in
      let connection = try control.connection()
      let requests = ["/healthz", "/nowhere", "/checkouts"].map { "GET \($0) HTTP/1.1\r\nHost: n\r\n\r\n" }
      await connection.send(requests.joined())
      var statuses: [Int] = []
      for _ in requests { statuses.append(try await connection.answer().status) }
      #expect(statuses == [200, 404, 200])
    }
  }
}

extension ControlFixture {
  /// A reminder that the mail server refused.
  func makeDeadLetter() async throws {
    _ = try await post("/checkout", ControlRouteTests.checkout)
    daemon.set { $0.now = HeldDaemon.start.advanced(by: .seconds(1_800)) }
    try await refuseWhatIsDue()
  }

  func refuseWhatIsDue() async throws {
    let now = daemon.now.now
    for claim in try await store.claimDue(now: now, limit: 10, policies: Policies()).claims {
      _ = try await store.settle(
        claim, outcome: .delivered(.refused(error: "554 no")), policies: Policies(), now: now, jitter: 0)
    }
  }
}
