/// `POST /messages/retry` and `POST /messages/drop`: all dead letters to which every given value applies.
package struct DeadLettersRequest: Hashable, Sendable {
  package enum State: String, CaseIterable, Sendable {
    case dead
    /// These may have arrived: a retry may send a mail twice.
    case unknown
  }

  package enum Kind: String, CaseIterable, Sendable {
    case reminder, order
  }

  package var state: State
  /// One of the closed list of reasons; whether it is, the daemon knows.
  package var reason: String?
  package var shop: String?
  package var kind: Kind?

  package init(state: State, reason: String? = nil, shop: String? = nil, kind: Kind? = nil) {
    self.state = state
    self.reason = reason
    self.shop = shop
    self.kind = kind
  }

  private static let fieldNames = ["state", "reason", "shop", "kind"]

  package init(_ json: JSON) throws(Problem) {
    var fields = Fields(json)
    let state = fields.requiredText("state") { State.complaint(about: $0) }
    let kind = fields.text("kind") { Kind.complaint(about: $0) }
    self.init(
      state: State(rawValue: state) ?? .dead, reason: fields.text("reason", Identifier.complaint),
      shop: fields.text("shop", ShopName.complaint), kind: kind.flatMap(Kind.init))
    fields.refuseUnknown(Self.fieldNames)
    try fields.check()
  }

  package var json: JSON {
    .object(ofSaid: [
      ("state", JSON(state.rawValue)), ("reason", reason.map(JSON.string)), ("shop", shop.map(JSON.string)),
      ("kind", kind.map { JSON($0.rawValue) }),
    ])
  }
}

extension RawRepresentable<String> where Self: CaseIterable {
  fileprivate static func complaint(about text: String) -> String? {
    Self(rawValue: text) == nil ? "must be one of \(allCases.map(\.rawValue).joined(separator: ", "))" : nil
  }
}

/// What became of them.
package struct DeadLettersReply: Hashable, Sendable {
  package enum Verb: String, Sendable {
    case retry, drop
  }

  /// Those that were left alone for one reason.
  package struct Rest: Hashable, Sendable {
    /// `ordered`, `checkout_cancelled` or `checkout_changed`: not wanted any more; dead ones are cancelled with it now.
    /// `address`: mail cannot go to the address. `settled`: somebody was quicker.
    package var reason: String
    package var count: Int
    /// Of very many, the first.
    package var ids: [String]

    package init(reason: String, count: Int, ids: [String]) {
      self.reason = reason
      self.count = count
      self.ids = ids
    }
  }

  package var verb: Verb
  /// How many were retried, or dropped.
  package var done: Int
  package var rest: [Rest]

  package init(verb: Verb, done: Int, rest: [Rest]) {
    self.verb = verb
    self.done = done
    self.rest = rest
  }

  package init(json: JSON, verb: Verb) throws(ReplyError) {
    let fields = try ReplyFields(json, "the reply about dead letters")
    self.init(
      verb: verb, done: try fields.integer(verb.done), rest: try fields.array("not_\(verb.done)", of: Rest.init(json:)))
  }

  package var json: JSON {
    .object([.init(verb.done, JSON(done)), .init("not_\(verb.done)", .array(rest.map(\.json)))])
  }
}

extension DeadLettersReply.Verb {
  /// The name of the member that counts.
  package var done: String { self == .retry ? "retried" : "dropped" }
}

extension DeadLettersReply.Rest {
  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "dead letters that were left")
    var ids: [String] = []
    for id in try fields.json("ids").array ?? [] { ids.append(id.string ?? "") }
    self.init(reason: try fields.string("reason"), count: try fields.integer("count"), ids: ids)
  }

  package var json: JSON {
    ["reason": JSON(reason), "count": JSON(count), "ids": .array(ids.map { JSON($0) })]
  }
}
