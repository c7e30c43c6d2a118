import GRDBSQLite
import NudgeDomain

/// The writer's connection with its statements: what a verb runs on. It lives on the writer's queue.
final class Session {
  let log: WriteAheadLog
  let checkouts: CheckoutTable
  let orders: OrderTable
  let messages: MessageTable
  let attempts: AttemptTable
  let streams: StreamTable
  let meta: MetaTable
  let operators: OperatorTable
  /// What the group counts; a verb that has written nothing has counted nothing.
  var tally = TallyChanges()
  /// True while each verb runs under a savepoint of its own, because one of the group failed.
  var runsApart = false
  private let tallies: TallyTable
  private let beginning: Statement
  private let committing: Statement
  let connection: OpaquePointer

  init(_ connection: OpaquePointer, checkpoints: WriteAheadLog.Limits) throws(StoreError) {
    self.connection = connection
    log = WriteAheadLog(connection, limits: checkpoints)
    checkouts = try CheckoutTable(connection)
    orders = try OrderTable(connection)
    messages = try MessageTable(connection)
    attempts = try AttemptTable(connection)
    streams = try StreamTable(connection)
    meta = try MetaTable(connection)
    operators = try OperatorTable(connection)
    tallies = try TallyTable(connection)
    beginning = try Statement(connection, "BEGIN IMMEDIATE")
    committing = try Statement(connection, "COMMIT")
  }

  var isInTransaction: Bool { sqlite3_get_autocommit(connection) == 0 }
  /// Rows written since the connection was opened.
  var writtenRows: Int64 { sqlite3_total_changes64(connection) }

  func begin() throws(StoreError) {
    tally = TallyChanges()
    try beginning.run()
  }

  func commit() throws(StoreError) {
    try tallies.apply(tally)
    try committing.run()
  }

  /// Some errors have rolled back already.
  func rollback() throws(StoreError) {
    guard isInTransaction else { return }
    try Schema.execute(connection, "ROLLBACK")
  }

  /// Runs a part of a verb so that its failure undoes that part alone.
  func apart<T>(_ body: () throws(StoreError) -> T) throws(StoreError) -> T {
    let tallyBefore = tally
    try Schema.execute(connection, "SAVEPOINT part")
    do {
      let value = try body()
      try Schema.execute(connection, "RELEASE part")
      return value
    } catch {
      if error.concernsAll { throw error }
      tally = tallyBefore
      try Schema.execute(connection, "ROLLBACK TO part; RELEASE part")
      throw error
    }
  }
}

// MARK: - Messages and their counts

extension Session {
  func insert(_ new: NewMessage, now: Moment) throws(StoreError) -> Int64 {
    let id = try messages.insert(new, now: now)
    tally.add(.messages(new.message.state))
    tally.add(.reasons(new.message.reason))
    return id
  }

  /// Writes the row with another state and reason.
  ///
  /// - Parameter stream: the one that it waits in, for the reason `held`.
  func move(
    _ row: MessageRow, to state: Message.State, _ reason: Reason, heldIn stream: Int64? = nil, now: Moment
  ) throws(StoreError) {
    var moved = row
    moved.held = stream
    moved.message.state = state
    moved.message.reason = reason
    try messages.update(moved, now: now)
    tally.move(from: .messages(row.message.state), to: .messages(state))
    tally.move(from: .reasons(row.message.reason), to: .reasons(reason))
  }

  /// What ending the reminders of a checkout came to.
  struct Ended {
    var cancelled = 0
    /// Those that a hand-over may have begun for: their claims are settled by whoever holds them.
    var inFlight: [Int64] = []

    static func + (left: Ended, right: Ended) -> Ended {
      Ended(cancelled: left.cancelled + right.cancelled, inFlight: left.inFlight + right.inFlight)
    }
  }

  /// Cancels the reminders of a checkout that wait.
  func endReminders(checkout: Int64, reason: Reason, now: Moment) throws(StoreError) -> Ended {
    var ended = Ended()
    for row in try messages.live(checkout: checkout) {
      if row.message.state == .sending {
        ended.inFlight.append(row.id)
      } else {
        try move(row, to: .cancelled, reason, now: now)
        ended.cancelled += 1
      }
    }
    return ended
  }

  /// Writes the next reminder of the checkout from `step` on, and those that are passed over on the way to it.
  func planReminders(
    of row: CheckoutRow, from step: Int, policy: ShopPolicy, now: Moment
  ) throws(StoreError) -> MessageRow? {
    let plan = policy.schedule.plan(from: step, anchor: row.checkout.anchor, now: now, maxLate: policy.maxLate)
    return try write(plan, of: row, now: now)
  }

  func write(_ plan: ReminderPlan, of row: CheckoutRow, now: Moment) throws(StoreError) -> MessageRow? {
    for skip in plan.skipped {
      _ = try insert(reminder(skip.step, of: row, state: .skipped, reason: skip.reason), now: now)
    }
    guard let next = plan.next else { return nil }
    let new = reminder(next, of: row, state: .scheduled, reason: .due)
    let id = try insert(new, now: now)
    return MessageRow(
      id: id, checkout: row.id, order: nil, message: new.message, generation: new.generation, due: new.due,
      createdAt: now, attempts: 0, isRetried: false)
  }

  private func reminder(
    _ step: ReminderPlan.Step, of row: CheckoutRow, state: Message.State, reason: Reason
  ) -> NewMessage {
    NewMessage(
      shop: row.shop, checkout: row.id, order: nil,
      message: Message(kind: .reminder(step: step.number), state: state, reason: reason),
      generation: row.checkout.scheduleGeneration, due: step.due)
  }

  /// Plans what comes after a reminder that ended, unless the checkout has moved on or a later step was planned before.
  func planAfter(
    _ message: MessageRow, of row: CheckoutRow, policy: ShopPolicy, now: Moment
  ) throws(StoreError) -> MessageRow? {
    guard let step = message.message.kind.step,
      ClaimDecision.obstacle(generation: message.generation, checkout: row.checkout) == nil,
      try !messages.hasLaterStep(than: step, generation: message.generation, checkout: row.id)
    else { return nil }
    return try planReminders(of: row, from: step + 1, policy: policy, now: now)
  }
}
