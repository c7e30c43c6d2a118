import NudgeAPI
import NudgeDaemon
import SimulationModel

/// What the model calls a request, as it goes over the wire; and the answer back.
enum Wire {
  struct Form {
    var target: String
    var body = ""
    var mediaType = "application/json"
  }

  static func form(_ request: Request) -> Form {
    switch request {
    case .checkout(let event): Form(target: "/checkout", body: JSON.object(members(event)).text)
    case .order(let event): Form(target: "/order", body: JSON.object(members(event)).text)
    case .events(let lines):
      Form(target: "/events", body: lines.map { text($0) + "\n" }.joined(), mediaType: "application/x-ndjson")
    case .retry(let message): Form(target: "/messages/\(message)/retry")
    case .drop(let message): Form(target: "/messages/\(message)/drop")
    case .retryAll(let selection): Form(target: "/messages/retry", body: json(selection).text)
    case .dropAll(let selection): Form(target: "/messages/drop", body: json(selection).text)
    case .pause: Form(target: "/pause")
    case .resume: Form(target: "/resume")
    case .acceptClock: Form(target: "/clock/accept")
    }
  }

  // MARK: Events

  private static func text(_ line: Line) -> String {
    switch line {
    case .checkout(let event): JSON.object([.init("type", "checkout")] + members(event)).text
    case .order(let event): JSON.object([.init("type", "order")] + members(event)).text
    case .invalid: #"{"type": "checkout", "shop": 7}"#
    }
  }

  private static func members(_ event: SimulationModel.CheckoutEvent) -> [JSON.Member] {
    let items: JSON =
      event.isEmpty ? [] : [["name": JSON(event.content), "quantity": 1, "price": "12.50"]]
    return said([
      ("shop", .string(event.shop)), ("checkout_id", .string(event.checkoutID)),
      ("order_id", event.orderID.map(JSON.string)),
      ("email", .string(event.isInvalid ? "nowhere" : event.email)), ("customer_id", event.customerID.map(JSON.string)),
      ("items", items), ("occurred_at", event.occurredAt.map { JSON(Timestamp(milliseconds: $0)) }),
    ])
  }

  private static func members(_ event: SimulationModel.OrderEvent) -> [JSON.Member] {
    said([
      ("shop", .string(event.shop)), ("order_id", .string(event.orderID)),
      ("checkout_id", event.checkoutID.map(JSON.string)),
      ("email", event.isInvalid ? "nowhere" : event.email.map(JSON.string)),
      ("customer_id", event.customerID.map(JSON.string)),
      ("occurred_at", event.occurredAt.map { JSON(Timestamp(milliseconds: $0)) }),
    ])
  }

  private static func json(_ selection: Selection) -> JSON {
    .object(
      said([
        ("state", .string(selection.state)), ("reason", selection.reason.map(JSON.string)),
        ("shop", selection.shop.map(JSON.string)), ("kind", selection.kind.map { .string($0.rawValue) }),
      ]))
  }

  private static func said(_ members: [(String, JSON?)]) -> [JSON.Member] {
    members.compactMap { name, value in value.map { JSON.Member(name, $0) } }
  }

  // MARK: Answers

  static func answer(_ answer: Door.Answer, to request: Request) -> Answer? {
    guard let json = try? JSON(parsing: answer.body) else { return nil }
    guard (200..<300).contains(answer.status) else {
      let type = json["type"]?.string ?? ""
      return .problem(status: answer.status, code: type.split(separator: ":").last.map(String.init) ?? "")
    }
    switch request {
    case .checkout: return checkout(json).map { .checkout($0) }
    case .order: return order(json).map { .order($0) }
    case .events:
      return .events(
        accepted: number(json["accepted"]), rejected: json["rejected"]?.array?.map { number($0["line"]) } ?? [])
    case .retry, .drop: return message(json).map { .message($0) }
    case .retryAll, .dropAll: return many(json)
    case .pause, .resume: return json["paused"]?.bool.map { .paused($0) }
    case .acceptClock: return .done
    }
  }

  private static func checkout(_ json: JSON) -> SimulationModel.CheckoutReply? {
    guard let shop = json["shop"]?.string, let id = json["checkout_id"]?.string, let state = json["state"]?.string,
      let changed = json["changed"]?.bool
    else { return nil }
    return .init(
      shop: shop, checkoutID: id, state: state, generation: number(json["generation"]), changed: changed,
      nextReminderAt: time(json["next_reminder_at"]))
  }

  private static func order(_ json: JSON) -> SimulationModel.OrderReply? {
    guard let id = json["order_id"]?.string, let closed = json["closed"]?.array else { return nil }
    return .init(
      orderID: id, closed: closed.compactMap(\.string), remindersCancelled: number(json["reminders_cancelled"]),
      remindersInFlight: number(json["reminders_in_flight"]), isQueued: json["order_message"]?.string == "queued")
  }

  private static func message(_ json: JSON) -> MessageRow? {
    guard let id = json["id"]?.string, let state = json["state"]?.string else { return nil }
    let kind = json["kind"]?.string == "order" ? Kind.order : .reminder
    return MessageRow(
      id: id, shop: json["shop"]?.string ?? "", checkoutID: json["checkout_id"]?.string,
      orderID: json["order_id"]?.string, kind: kind, step: json["step"]?.integer.map { Int($0) },
      email: json["email"]?.string ?? "", state: state, reason: json["reason"]?.string ?? "",
      dueAt: time(json["due_at"]) ?? 0, generation: number(json["generation"]), settledAt: time(json["settled_at"]),
      attempts: (json["attempts"]?.array ?? []).map { attempt($0, of: id) })
  }

  private static func attempt(_ json: JSON, of message: String) -> AttemptRow {
    AttemptRow(
      id: json["id"]?.string ?? "", message: message, startedAt: time(json["started_at"]) ?? 0,
      settledAt: time(json["settled_at"]), outcome: json["outcome"]?.string)
  }

  private static func many(_ json: JSON) -> Answer {
    var left: [String: Int] = [:]
    for rest in (json["not_retried"] ?? json["not_dropped"])?.array ?? [] {
      left[rest["reason"]?.string ?? "", default: 0] += number(rest["count"])
    }
    return .messages(done: number(json["retried"] ?? json["dropped"]), left: left)
  }

  static func time(_ json: JSON?) -> Int64? { json?.string.flatMap { Timestamp(rfc3339: $0)?.milliseconds } }

  private static func number(_ json: JSON?) -> Int { Int(json?.integer ?? -1) }
}
