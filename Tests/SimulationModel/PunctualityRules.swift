/// On time, and drained: judged in fair weather alone, from what the last snapshot says of each message.
struct PunctualityRules {
  let history: History

  func violations() -> [Violation] {
    guard let end = lastFairSnapshot(), let start = recovered(before: end.index) else { return [] }
    if isStopped(from: start, to: end.index) { return [] }
    return end.snapshot.messages.flatMap {
      late($0, in: end.snapshot, from: start, to: end.index) + stuck($0, end.index)
    }
  }

  /// The last snapshot, if the weather had become fair before it, and stayed so.
  private func lastFairSnapshot() -> (index: Int, snapshot: Snapshot)? {
    for index in history.observations.indices.reversed() {
      switch history.observations[index].what {
      case .snapshot(let snapshot): return (index, snapshot)
      case .weather(isFair: false): return nil
      default: continue
      }
    }
    return nil
  }

  /// From where on nothing of the foul weather is felt.
  private func recovered(before end: Int) -> Int? {
    var begin: Int?
    for index in history.observations.indices.prefix(end) {
      guard case .weather(let isFair) = history.observations[index].what else { continue }
      begin = isFair ? (begin ?? index) : nil
    }
    guard let begin else { return nil }
    let over = history.observations[begin].at.elapsed + history.tolerances.recovery
    return history.observations.indices.first { $0 >= begin && $0 < end && history.observations[$0].at.elapsed >= over }
  }

  /// Somebody wants nothing to be sent: then nothing is late. A process that is not there or a clock that is set are not
  /// fair weather, and not judged either.
  private func isStopped(from start: Int, to end: Int) -> Bool {
    if case .snapshot(let snapshot) = history.observations[end].what, let status = snapshot.status {
      if status.isPaused || status.isClockInDoubt { return true }
    }
    return history.observations[start...end].contains { observation in
      switch observation.what {
      case .asked(_, .pause), .asked(_, .resume), .asked(_, .acceptClock), .clockStepped, .crashed, .stopping, .stopped,
        .started:
        true
      default: false
      }
    }
  }

  /// Each first hand-over of what fell due in that time began soon after, but for those that had to go before it.
  private func late(_ row: MessageRow, in snapshot: Snapshot, from start: Int, to end: Int) -> [Violation] {
    guard row.attempts.count == 1, row.dueAt > history.observations[start].at.wall,
      let journey = history.calls[row.id]?.first.flatMap({ history.journeys[$0] }), journey.began > start
    else { return [] }
    let due = max(row.dueAt, planned(row, in: snapshot))
    let lateness = history.observations[journey.began].at.wall - due
    guard lateness > history.tolerances.onTime else { return [] }
    let rate = history.settings(from: start, to: end).map(\.wholeRate).filter { $0 > 0 }.min()
    let queue = history.journeys.values.count { other in
      other.began < journey.began && history.observations[other.began].at.wall >= due - 1_000
    }
    let lanes = history.settings(from: start, to: end).map(\.maxInFlight).min() ?? 1
    let allowed =
      history.tolerances.onTime + (rate.map { Int64(Double(queue + 1) * 1_000 / $0) } ?? 0)
      + Int64(queue) * history.tolerances.answer / Int64(max(1, lanes))
    guard lateness > allowed else { return [] }
    return [
      history.violation(.onTime, journey.began, "\(row.id) went out \(lateness) ms late, \(allowed) ms are allowed")
    ]
  }

  /// When a reminder can have been planned at the earliest: as the one before it was settled. A reload to a shorter schedule
  /// does not move what waits; the step after it may be over by then.
  private func planned(_ row: MessageRow, in snapshot: Snapshot) -> Int64 {
    guard let step = row.step else { return row.dueAt }
    let before = snapshot.messages.filter { other in
      other.kind == .reminder && other.shop == row.shop && other.checkoutID == row.checkoutID
        && other.generation == row.generation && (other.step ?? step) < step
    }
    return before.compactMap(\.settledAt).max() ?? row.dueAt
  }

  /// What was due well before the last snapshot is not waiting any more.
  private func stuck(_ row: MessageRow, _ end: Int) -> [Violation] {
    let waiting = lastStir(row) + history.tolerances.onTime
    guard row.state == "scheduled" || row.state == "sending", row.reason != "held" else { return [] }
    let settings = history.settings(from: end, to: end)
    let rate = settings.map(\.wholeRate).filter { $0 > 0 }.min()
    let backlog = Double(history.messages.count)
    let bound = waiting + (rate.map { Int64(backlog * 1_000 / $0) } ?? 0)
    guard history.observations[end].at.wall > bound else { return [] }
    return [history.violation(.backlogDrains, end, "\(row.id) was due at \(row.dueAt) and is still \(row.state)")]
  }

  /// When something had to happen to it, or did happen, for the last time.
  private func lastStir(_ row: MessageRow) -> Int64 { max(row.dueAt, row.attempts.last?.startedAt ?? row.dueAt) }
}

extension Settings {
  /// How many mails leave in a second if there are enough: "a fraction above one is rounded down".
  fileprivate var wholeRate: Double { rate < 1 ? rate : rate.rounded(.down) }
}
