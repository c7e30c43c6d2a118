package import NIOCore

/// One line of `POST /events`: an event that says what it is.
package enum Event: Hashable, Sendable {
  case checkout(CheckoutEvent)
  case order(OrderEvent)

  package static let mediaType = "application/x-ndjson"
}

extension Event {
  private enum Kind: String, CaseIterable {
    case checkout, order
  }

  package init(line: UnsafeRawBufferPointer, now: Timestamp) throws(Problem) {
    guard line.count <= Limits.eventBytes else { throw .tooLong(line.count) }
    let json: JSON
    do { json = try JSON(parsing: line) } catch { throw Problem(malformed: error) }
    try self.init(json, now: now)
  }

  package init(line: [UInt8], now: Timestamp) throws(Problem) {
    self = try line.withUnsafeBytes { bytes in
      Result { () throws(Problem) in try Event(line: bytes, now: now) }
    }.get()
  }

  package init(line: ByteBuffer, now: Timestamp) throws(Problem) {
    self = try line.withUnsafeReadableBytes { bytes in
      Result { () throws(Problem) in try Event(line: bytes, now: now) }
    }.get()
  }

  package init(_ json: JSON, now: Timestamp) throws(Problem) {
    var fields = Fields(json)
    var kind: Kind?
    _ = fields.requiredText("type") { text in
      kind = Kind(rawValue: text)
      return kind == nil ? "must be \"checkout\" or \"order\"" : nil
    }
    switch kind {
    case .checkout: self = .checkout(try CheckoutEvent(fields, now: now, known: CheckoutEvent.typedFieldNames))
    case .order: self = .order(try OrderEvent(fields, now: now, known: OrderEvent.typedFieldNames))
    case nil:
      try fields.check()
      throw Problem(.invalid, "/type must be \"checkout\" or \"order\"")
    }
  }

  package var json: JSON {
    switch self {
    case .checkout(let event): event.json.typed("checkout")
    case .order(let event): event.json.typed("order")
    }
  }
}

extension JSON {
  fileprivate func typed(_ type: String) -> JSON {
    .object([Member("type", JSON(type))] + (members ?? []))
  }
}

extension Problem {
  package init(malformed error: JSON.SyntaxError) {
    self.init(.malformed, "not JSON: \(error)")
  }

  static func tooLong(_ count: Int) -> Problem {
    Problem(.tooLarge, "an event may have at most \(Limits.eventBytes) bytes; this one has \(count)")
  }
}

/// What became of the lines of `POST /events`.
package struct EventsReply: Hashable, Sendable {
  package struct Rejection: Hashable, Sendable {
    /// From 1.
    package var line: Int
    package var problem: Problem

    package init(line: Int, problem: Problem) {
      self.line = line
      self.problem = problem
    }
  }

  package var accepted: Int
  /// In the order of their lines; of very many, the first.
  package var rejected: [Rejection]
  /// How many more were rejected than are listed.
  package var rejectedMore: Int

  package init(accepted: Int, rejected: [Rejection], rejectedMore: Int = 0) {
    self.accepted = accepted
    self.rejected = rejected
    self.rejectedMore = rejectedMore
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "the reply to events")
    self.init(
      accepted: try fields.integer("accepted"), rejected: try fields.array("rejected", of: Rejection.init(json:)),
      rejectedMore: fields.optionalInteger("rejected_more") ?? 0)
  }

  package var json: JSON {
    let more: [JSON.Member] = rejectedMore > 0 ? [.init("rejected_more", JSON(rejectedMore))] : []
    return .object(
      [
        .init("accepted", JSON(accepted)), .init("rejected", .array(rejected.map(\.json))),
      ] + more)
  }
}

extension EventsReply.Rejection {
  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "a rejected line")
    self.init(line: try fields.integer("line"), problem: try Problem(json: try fields.json("problem")))
  }

  package var json: JSON { ["line": JSON(line), "problem": problem.json] }
}
