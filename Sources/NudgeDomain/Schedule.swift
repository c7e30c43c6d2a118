/// When a shop's reminders go out: one rising offset from the checkout's last change for each step.
package struct Schedule: Hashable, Sendable {
  /// How many steps a schedule may have.
  package static let steps = 1...20

  package let offsets: [Duration]

  /// Nil unless there are 1 to 20 offsets, the first is not negative, and each is longer than the one before.
  package init?(offsets: [Duration]) {
    guard Self.steps.contains(offsets.count), offsets[0] >= .zero else { return nil }
    guard zip(offsets, offsets.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
    self.offsets = offsets
  }

  private init(verified offsets: [Duration]) {
    self.offsets = offsets
  }

  /// 30 minutes, one day, three days.
  package static let standard = Schedule(verified: [.seconds(1_800), .seconds(86_400), .seconds(259_200)])

  /// When `step` (from 1) is due; nil if there is no such step.
  package func due(step: Int, anchor: Moment) -> Moment? {
    guard offsets.indices.contains(step - 1) else { return nil }
    return anchor.advanced(by: offsets[step - 1])
  }
}

/// The next reminder of a checkout, and those that are passed over on the way to it.
package struct ReminderPlan: Hashable, Sendable {
  package struct Step: Hashable, Sendable {
    package var number: Int
    package var due: Moment

    package init(number: Int, due: Moment) {
      self.number = number
      self.due = due
    }
  }

  package struct Skip: Hashable, Sendable {
    package var step: Step
    /// `late` or `collapsed`.
    package var reason: Reason

    package init(step: Step, reason: Reason) {
      self.step = step
      self.reason = reason
    }
  }

  package var skipped: [Skip]
  /// The step to send: at once if it is due, else when it will be. Nil after the last step.
  package var next: Step?

  package init(skipped: [Skip] = [], next: Step? = nil) {
    self.skipped = skipped
    self.next = next
  }
}

extension Schedule {
  /// Plans the reminders from `step` on, as of `now`.
  ///
  /// Of several steps that are due, only the latest is sent: the earlier ones are `collapsed`, or `late` if they are
  /// overdue by more than `maxLate`. If even the latest is that late, it is skipped too, and the one after it comes next.
  package func plan(from step: Int, anchor: Moment, now: Moment, maxLate: Duration) -> ReminderPlan {
    var plan = ReminderPlan()
    var number = step
    while let due = due(step: number, anchor: anchor) {
      let this = ReminderPlan.Step(number: number, due: due)
      let isLate = now.since(due) > maxLate
      let isOvertaken = self.due(step: number + 1, anchor: anchor).map { $0 <= now } ?? false
      guard isLate || isOvertaken else {
        plan.next = this
        return plan
      }
      plan.skipped.append(.init(step: this, reason: isLate ? .late : .collapsed))
      number += 1
    }
    return plan
  }
}
