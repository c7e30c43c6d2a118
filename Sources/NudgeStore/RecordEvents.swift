import NudgeDomain

extension Session {
  /// Records each event; one that fails fails alone.
  func record(
    _ events: [ShopEvent], policies: Policies, now: Moment
  ) throws(StoreError) -> [Result<EventReceipt, StoreError>] {
    var results: [Result<EventReceipt, StoreError>] = []
    results.reserveCapacity(events.count)
    for event in events {
      let before = writtenRows
      do {
        if runsApart {
          results.append(
            .success(try apart { () throws(StoreError) in try record(event, policies: policies, now: now) }))
        } else {
          results.append(.success(try record(event, policies: policies, now: now)))
        }
      } catch {
        // Half an event is written: the group is run again with each of them apart.
        if error.concernsAll || (!runsApart && writtenRows != before) { throw error }
        results.append(.failure(error))
      }
    }
    return results
  }

  func record(_ event: ShopEvent, policies: Policies, now: Moment) throws(StoreError) -> EventReceipt {
    switch event {
    case .checkout(let change): .checkout(try record(change, policy: policies[change.key.shop], now: now))
    case .order(let order): .order(try record(order, policy: policies[order.shop], now: now))
    }
  }
}
