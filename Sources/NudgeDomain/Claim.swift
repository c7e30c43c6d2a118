/// Decides whether a due message may be handed over, at the moment it is claimed.
package enum ClaimDecision: Hashable, Sendable {
  case send
  case cancel(Reason)
  /// Reminders are passed over; the plan says which, and which one takes their place.
  case skip(ReminderPlan)
}

extension ClaimDecision {
  /// The re-check of a due reminder against its checkout as it is now.
  ///
  /// - Parameters:
  ///   - generation: the one in which the schedule that planned the reminder began.
  ///   - planned: when it was to go out; that counts if the schedule has no such step any more.
  ///   - isRetried: a person asked for it; then it is neither late nor collapsed.
  package static func reminder(
    step: Int, generation: Int, planned: Moment, isRetried: Bool, checkout: Checkout, policy: ShopPolicy, now: Moment
  ) -> ClaimDecision {
    if let reason = obstacle(generation: generation, checkout: checkout) { return .cancel(reason) }
    if isRetried { return .send }
    var plan = policy.schedule.plan(from: step, anchor: checkout.anchor, now: now, maxLate: policy.maxLate)
    if policy.schedule.offsets.count < step, now.since(planned) > policy.maxLate {
      plan.skipped = [.init(step: .init(number: step, due: planned), reason: .late)]
    }
    return plan.skipped.isEmpty ? .send : .skip(plan)
  }

  /// Why a reminder of that generation is not wanted any more; nil if it is.
  package static func obstacle(generation: Int, checkout: Checkout) -> Reason? {
    switch checkout.state {
    case .ordered: .ordered
    case .cancelled: .checkoutCancelled
    case .open: generation == checkout.scheduleGeneration ? nil : .checkoutChanged
    }
  }
}
