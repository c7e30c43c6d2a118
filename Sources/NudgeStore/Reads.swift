import GRDB
package import NudgeDomain

extension Store {
  /// When the earliest message that waits is due; nil if none does.
  package func nextDue() async throws(StoreError) -> Moment? {
    try await readers.read { database in
      try Int64.fetchOne(database, sql: "SELECT \(Message.Lane.earliestDue)").map(Moment.init)
    }
  }

  /// When there is something to do that nobody has to ask for: a message is due, or one whose template fails is to be tried
  /// or let go. Nil if there is no such thing.
  package func nextWork(now: Moment) async throws(StoreError) -> Moment? {
    try await readers.read { database in
      if try Bool.fetchOne(database, sql: StreamTable.selectWhetherReleasing) == true { return now }
      let sql =
        "SELECT min(at) FROM (SELECT \(Message.Lane.earliestDue) AS at UNION ALL \(StreamTable.selectNextProbe))"
      return try Int64.fetchOne(database, sql: sql).map(Moment.init)
    }
  }

  package func isPaused() async throws(StoreError) -> Bool {
    try await readers.read { database in try Summary.isPaused(database) }
  }

  /// The whole store in a few numbers; takes the same time however much there is.
  package func summary(now: Moment) async throws(StoreError) -> Summary {
    let files = readers.bytes(ofFileNamed: "")
    let log = readers.bytes(ofFileNamed: "-wal")
    return try await readers.read { database in
      try Summary(database, now: now, databaseBytes: files, walBytes: log)
    }
  }

  package func checkouts(_ query: CheckoutQuery) async throws(StoreError) -> Page<CheckoutRecord> {
    try await readers.read { database in try query.fetch(database) }
  }

  package func checkout(_ key: CheckoutKey) async throws(StoreError) -> CheckoutRecord? {
    try await readers.read { database in try CheckoutQuery.fetch(database, key: key) }
  }

  package func order(shop: String, id: String) async throws(StoreError) -> OrderRecord? {
    try await readers.read { database in try OrderRecord.fetch(database, shop: shop, id: id) }
  }

  package func messages(_ query: MessageQuery) async throws(StoreError) -> Page<MessageRecord> {
    try await readers.read { database in try query.fetch(database) }
  }

  /// The messages of a query with their addresses, without what was tried.
  package func addresses(_ query: MessageQuery) async throws(StoreError) -> Page<MessageAddress> {
    try await readers.read { database in try query.fetchAddresses(database) }
  }

  package func message(_ id: Int64) async throws(StoreError) -> MessageRecord? {
    try await readers.read { database in try MessageQuery.fetch(database, id: id) }
  }

  /// What the message is composed from, as of now.
  package func messageContent(_ id: Int64) async throws(StoreError) -> ClaimContent? {
    try await readers.read { database in try MessageQuery.fetchContent(database, id: id) }
  }
}
