import GRDB
package import NudgeDomain

/// What an outcome changed for the other messages of its stream.
package enum StreamNews: Hashable, Sendable {
  /// From now on they wait.
  case held
  /// They go out.
  case released
}

/// A stream whose messages wait because its template fails.
package struct HeldStream: Hashable, Sendable {
  package var shop: String
  package var kind: Message.Kind
  /// What is wrong.
  package var error: String
  package var since: Moment
  package var probeAt: Moment
  /// How many messages wait.
  package var messages: Int
}

extension Store {
  /// The templates, or what is filled into them, may have changed: one message of each held stream is tried at once.
  package func tryHeldStreams(now: Moment) async throws(StoreError) {
    try await writer.perform { (session) throws(StoreError) in try session.tryHeldStreams(now: now) }
  }

  /// The held streams, the longest held first, at most so many.
  package func heldStreams(limit: Int) async throws(StoreError) -> [HeldStream] {
    try await readers.read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT s.*, (SELECT count(*) FROM message m WHERE m.held = s.id) AS messages FROM failing_stream s
          WHERE s.held_at IS NOT NULL ORDER BY s.held_at, s.id LIMIT ?
          """, arguments: [limit]
      ).map(HeldStream.init)
    }
  }

  /// How many streams are held.
  package func heldStreamCount() async throws(StoreError) -> Int {
    try await readers.read { database in
      try Int.fetchOne(database, sql: "SELECT count(*) FROM failing_stream WHERE held_at IS NOT NULL") ?? 0
    }
  }
}

extension HeldStream {
  fileprivate init(_ row: Row) {
    let step: Int = row["step"]
    self.init(
      shop: row["shop"], kind: step == 0 ? .order : .reminder(step: step), error: row["error"],
      since: Moment(milliseconds: row["held_at"]), probeAt: Moment(milliseconds: row["probe_at"]),
      messages: row["messages"])
  }
}

extension Session {
  /// At most so many messages are released in one verb, of so many streams: other verbs wait behind it.
  static let releaseBatch = 1_000
  static let releasedStreams = 8

  /// Learns from an outcome whether its stream's template works.
  ///
  /// - Returns: the stream that the message has to wait in, if so, and what is new for the others.
  func learn(
    _ outcome: Outcome, kind: Message.Kind, shop: String, now: Moment
  ) throws(StoreError) -> (held: Int64?, news: StreamNews?) {
    switch outcome {
    case .delivered:
      guard let row = try streams.find(shop: shop, kind: kind) else { return (nil, nil) }
      try release(row)
      return (nil, row.stream.isHeld ? .released : nil)
    case .renderFailed(let error):
      return try fail(error, kind: kind, shop: shop, now: now)
    case .withdrawn, .outpaced:
      return (nil, nil)
    }
  }

  private func fail(
    _ error: String, kind: Message.Kind, shop: String, now: Moment
  ) throws(StoreError) -> (held: Int64?, news: StreamNews?) {
    guard var row = try streams.find(shop: shop, kind: kind) else {
      var stream = FailingStream()
      stream.fail(error, now: now)
      try streams.insert(stream, shop: shop, kind: kind)
      return (nil, nil)
    }
    let wasHeld = row.stream.isHeld
    row.stream.fail(error, now: now)
    try streams.update(row, isReleasing: false)
    if wasHeld { return (row.id, nil) }
    return (nil, row.stream.isHeld ? .held : nil)
  }

  private func release(_ row: StreamRow) throws(StoreError) {
    var row = row
    row.stream = FailingStream(error: row.stream.error)
    try streams.update(row, isReleasing: true)
    try giveBack(row.id)
  }

  /// Goes on with what is being released.
  func giveBackSome() throws(StoreError) {
    for id in try streams.releasing(limit: Self.releasedStreams) { try giveBack(id) }
  }

  private func giveBack(_ id: Int64) throws(StoreError) {
    let released = try streams.giveBack(id, limit: Self.releaseBatch)
    for isRetried in released { tally.move(from: .reasons(.held), to: .reasons(isRetried ? .retried : .due)) }
    if released.count < Self.releaseBatch { try streams.delete(id) }
  }

  func tryHeldStreams(now: Moment) throws(StoreError) {
    let statement = try Statement(
      connection, "UPDATE failing_stream SET probe_at = ?, wait = ? WHERE held_at IS NOT NULL")
    try statement.run(.moment(now), .integer(FailingStream.firstWait.milliseconds))
  }

  /// True if the message may go: its stream is not held, or it is the one to try it. Else it waits in its stream.
  func mayGo(_ row: MessageRow, shop: String, now: Moment) throws(StoreError) -> Bool {
    guard var stream = try streams.find(shop: shop, kind: row.message.kind) else { return true }
    switch stream.stream.turn(isRetried: row.message.reason == .retried, now: now) {
    case .go: return true
    case .wait:
      try move(row, to: .scheduled, .held, heldIn: stream.id, now: now)
      return false
    case .probe:
      stream.stream.beginProbe(now: now)
      try streams.update(stream, isReleasing: false)
      return true
    }
  }

  /// One message of each held stream of the lane whose time to be tried has come.
  func claimProbes(
    _ lane: Message.Lane, limit: Int, policies: Policies, now: Moment
  ) throws(StoreError) -> [Claim] {
    var claims: [Claim] = []
    for stream in try streams.probes(lane, now: now, limit: max(limit, 0)) {
      var looked = 0
      while looked < Self.longestLook, let id = try streams.oldestHeld(stream), let row = try messages.find(id) {
        looked += 1
        guard let claim = try claim(row, policies: policies, now: now) else { continue }
        claims.append(claim)
        break
      }
    }
    return claims
  }

  /// When a lane is to be looked at again: something is due, or to be tried, or to be released.
  func earliest(_ lane: Message.Lane, now: Moment) throws(StoreError) -> Moment? {
    if try !streams.releasing(limit: 1).isEmpty { return now }
    return [try messages.earliestDue(lane), try streams.earliestProbe(lane)].compactMap { $0 }.min()
  }
}
