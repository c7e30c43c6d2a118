import HTTPTypes
import Logging
import NudgeAPI
import NudgeDomain
import NudgeStore

extension Engine {
  /// At most so many held templates are shown.
  private static let shownTemplates = 100

  /// `GET /status`
  func status(_ call: Call) async throws(Problem) -> Reply {
    let summary = try await asking { () throws(StoreError) in try await store.summary(now: call.now) }
    let sender = await surroundings.sender()
    let held = try await asking { () throws(StoreError) in try await store.heldStreams(limit: Self.shownTemplates) }
    let reply = StatusReply(
      version: version, startedAt: Timestamp(startedAt), paused: summary.paused,
      sender: SenderReply(sender, isPaused: summary.paused), counts: StatusReply.Counts(summary),
      nextDueAt: summary.nextDueAt.map(Timestamp.init),
      oldestDueLagMilliseconds: Int(summary.oldestDueLag.milliseconds), databaseBytes: Int(summary.databaseBytes),
      walBytes: Int(summary.walBytes), quota: sender.quota.map(QuotaReply.init),
      heldTemplates: held.map(HeldTemplateReply.init),
      restoredFrom: summary.restoredFrom.map(Timestamp.init))
    return Reply(.ok, reply.json)
  }

  /// `POST /pause` and `POST /resume`
  func setPaused(_ isPaused: Bool, _ call: Call) async throws(Problem) -> Reply {
    if !isPaused, let moment = try await asking({ () throws(StoreError) in try await store.restoredFrom() }) {
      throw Problem(
        .wrongState,
        """
        the database is a copy of \(Timestamp(moment).rfc3339): first say, with `nudgectl restored`, what became of the \
        messages that were due since
        """)
    }
    try await asking { () throws(StoreError) in try await store.setPaused(isPaused, by: call.who, now: call.now) }
    if !isPaused { surroundings.wake() }
    return Reply(.ok, PauseReply(paused: isPaused).json)
  }

  /// `POST /restored`
  func takeOn(_ call: Call) async throws(Problem) -> Reply {
    let request = try await call.reading(RestoredRequest.init)
    let since: SinceCopy =
      switch request.sinceCopy {
      case .unknown: .unknown
      case .unsent: .unsent
      }
    let (copiedAt, unknown, paused) = try await asking { () throws(StoreError) in
      let copiedAt = try await store.restoredFrom()
      let unknown = try await store.takeOn(
        since, policies: surroundings.policies(), by: call.who, now: call.now)
      return (copiedAt, unknown, try await store.isPaused())
    }
    if !paused { surroundings.wake() }
    return Reply(
      .ok, RestoredReply(restoredFrom: copiedAt.map(Timestamp.init), unknown: unknown, paused: paused).json)
  }

  /// `GET /healthz`
  func health() throws(Problem) -> Reply {
    if let failure = store.failure { throw problem(failure) }
    return Reply(.ok, ["status": "ok"])
  }

  /// `POST /backup`
  func backUp(_ call: Call) async throws(Problem) -> Reply {
    let path = try await call.reading(BackupRequest.init).path
    do {
      let copy = try await store.backup(to: path, now: call.now)
      await note(OperatorAction(.backup, target: path), call)
      let reply = BackupReply(
        path: path, bytes: Int(copy.bytes), copiedAt: Timestamp(copy.copiedAt), schema: copy.report.schema,
        rows: copy.report.rows, checks: CopyReport.checks)
      return Reply(.ok, reply.json)
    } catch {
      await note(OperatorAction(.backup, target: path, result: "failed"), call)
      throw backupProblem(error, path)
    }
  }

  private func backupProblem(_ error: StoreError, _ path: String) -> Problem {
    switch error {
    case .full: Problem(.diskFull, "there is no room for a backup at \(path)")
    case .busy: Problem(.overloaded, "another backup is being made; try again when it is done")
    case .failed(let detail):
      Problem(.invalid, "the backup cannot be written there", errors: [.init(pointer: "/path", detail: detail)])
    default: problem(error)
    }
  }

  /// `POST /preview`
  func preview(_ call: Call) async throws(Problem) -> Reply {
    let request = try await call.reading { (json) throws(Problem) in
      try PreviewRequest(json, now: call.timestamp)
    }
    return Reply(.ok, try await surroundings.preview(request, call.now).json)
  }

  /// `POST /test-send`
  func testSend(_ call: Call) async throws(Problem) -> Reply {
    let request = try await call.reading { (json) throws(Problem) in
      try TestSendRequest(json, now: call.timestamp)
    }
    let reply = try await surroundings.testSend(request, call.now)
    await note(OperatorAction(.testSend, target: request.to, result: reply.outcome.rawValue), call)
    return Reply(.ok, reply.json)
  }

  /// Writes down what was done already, and leaves it done if that fails.
  func note(_ action: OperatorAction, _ call: Call) async {
    do throws(StoreError) {
      try await store.note(action, by: call.who, now: call.now)
    } catch {
      logger.error(
        "What an operator did could not be written down",
        metadata: ["action": "\(action.verb.rawValue)", "error": "\(error)"])
    }
  }

  /// `POST /check`
  func check(_ call: Call) async -> Reply {
    Reply(.ok, await surroundings.check().json)
  }
}
