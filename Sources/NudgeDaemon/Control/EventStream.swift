import HTTPTypes
import HummingbirdCore
import NIOCore
import NudgeAPI
import NudgeDomain
import NudgeStore

extension Engine {
  /// `POST /events`
  ///
  /// A stream may last for days: the clock is read once for each part of it and once for each batch.
  func takeEvents(_ call: Call) async throws(Problem) -> Reply {
    try call.request.requireMediaType(Event.mediaType)
    let queue = EventQueue()
    async let reading = EventReader(hearing: { [self] in hearing }, capacity: capacity).read(
      call.request.body, into: queue)
    var tally: EventTally
    do throws(Problem) {
      tally = try await record(queue)
    } catch {
      queue.close()
      _ = await reading
      throw error
    }
    let read = await reading
    if let problem = read.problem { throw problem }
    tally.rejected.merge(read.rejected)
    return Reply(.ok, tally.json)
  }

  private func record(_ queue: EventQueue) async throws(Problem) -> EventTally {
    var tally = EventTally()
    while let batch = await queue.take() {
      if isDraining { throw .stopping(accepted: tally.accepted) }
      surroundings.stir()
      let events = batch.map(\.event)
      let (policies, now) = (surroundings.policies(), surroundings.now())
      let results = try await asking { () throws(StoreError) in
        try await store.record(events, policies: policies, now: now)
      }
      var receipts: [EventReceipt] = []
      for (entry, result) in zip(batch, results) {
        switch result {
        case .success(let receipt): receipts.append(receipt)
        case .failure(let error): tally.rejected.add(.init(line: entry.line, problem: problem(error)))
        }
      }
      tally.accepted += receipts.count
      _ = await follow(receipts)
    }
    return tally
  }
}

/// Reads the lines of `POST /events`.
private struct EventReader {
  /// What became of the stream, beside the events that were put into the queue.
  struct End: Sendable {
    var rejected = Rejections()
    /// Why it could not be read to its end.
    var problem: Problem?
  }

  let hearing: @Sendable () -> Hearing
  let capacity: Capacity

  func read(_ body: RequestBody, into queue: EventQueue) async -> End {
    defer { queue.finish() }
    var end = End()
    var splitter = LineSplitter(limit: Limits.eventBytes)
    var parts = body.makeAsyncIterator()
    var number = 0
    do throws(Problem) {
      while let part = try await parts.nextPart() {
        let heard = hearing()
        var entries: [EventQueue.Entry] = []
        for line in splitter.feed(part) {
          if let entry = try await entry(line, heard, &number, &end.rejected) { entries.append(entry) }
        }
        if entries.isEmpty { continue }
        guard await queue.put(entries) else { return end }
      }
      if let last = splitter.finish(), let entry = try await entry(last, hearing(), &number, &end.rejected) {
        _ = await queue.put([entry])
      }
    } catch {
      end.problem = error
    }
    return end
  }

  /// Nil for an empty line, and for one that is rejected. A long one waits for its turn to be read.
  private func entry(
    _ line: LineSplitter.Line, _ heard: Hearing, _ number: inout Int, _ rejected: inout Rejections
  ) async throws(Problem) -> EventQueue.Entry? {
    number += 1
    guard case .text(let bytes) = line, bytes.readableBytes > Capacity.ordinary else {
      return read(line, heard, number, &rejected)
    }
    return try await capacity.reading.take { () throws(Problem) in read(line, heard, number, &rejected) }
  }

  private func read(
    _ line: LineSplitter.Line, _ heard: Hearing, _ number: Int, _ rejected: inout Rejections
  ) -> EventQueue.Entry? {
    do throws(Problem) {
      guard case .text(let bytes) = line else { throw .tooLarge(limit: Limits.eventBytes) }
      if bytes.readableBytesView.allSatisfy(\.isBlank) { return nil }
      let event = try Event(line: bytes, now: heard.latest)
      return .init(line: number, event: ShopEvent(event, heard: heard), bytes: bytes.readableBytes)
    } catch {
      rejected.add(.init(line: number, problem: error))
      return nil
    }
  }
}

extension UInt8 {
  fileprivate var isBlank: Bool {
    self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || self == UInt8(ascii: "\r")
  }
}

extension Problem {
  fileprivate static func stopping(accepted: Int) -> Problem {
    Problem(
      .draining,
      "nudged is stopping; \(accepted) events of this stream are recorded, and sending all again does no harm")
  }
}
