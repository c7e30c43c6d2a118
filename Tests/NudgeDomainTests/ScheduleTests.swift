import NudgeDomain
import Testing

@Suite("Schedule") struct ScheduleTests {
  @Test("takes 1 to 20 rising offsets")
  func validity() {
    #expect(Schedule(offsets: []) == nil)
    #expect(Schedule(offsets: [.zero]) != nil)
    #expect(Schedule(offsets: [.seconds(-1)]) == nil)
    #expect(Schedule(offsets: [.seconds(2), .seconds(2)]) == nil)
    #expect(Schedule(offsets: [.seconds(2), .seconds(1)]) == nil)
    #expect(Schedule(offsets: (1...20).map { .seconds($0) }) != nil)
    #expect(Schedule(offsets: (1...21).map { .seconds($0) }) == nil)
  }

  @Test("is 30 minutes, one day and three days by default, counted from the change")
  func standard() {
    let due = (0...4).map { Schedule.standard.due(step: $0, anchor: at(7)) }
    #expect(due == [nil, at(37), at(7 + 1_440), at(7 + 4_320), nil])
  }

  struct Row: Sendable {
    var story: String
    /// Minutes after the anchor.
    var now: Int
    var from = 1
    var skipped: [(step: Int, reason: Reason)] = []
    var next: Int?
  }

  /// The standard schedule with `max_late` of 12 hours: steps are due at minutes 30, 1,440 and 4,320.
  static let rows: [Row] = [
    Row(story: "nothing is due", now: 0, next: 1),
    Row(story: "due to the minute", now: 30, next: 1),
    Row(story: "late, but not too late", now: 30 + 720, next: 1),
    Row(story: "too late: the next one in its time", now: 30 + 721, skipped: [(1, .late)], next: 2),
    Row(story: "the first too late, the second due", now: 1_440, skipped: [(1, .late)], next: 2),
    Row(story: "two too late, the third due", now: 4_320, skipped: [(1, .late), (2, .late)], next: 3),
    Row(story: "all too late", now: 9_999, skipped: [(1, .late), (2, .late), (3, .late)], next: nil),
    Row(story: "from the second on", now: 30, from: 2, next: 2),
    Row(story: "from the second on, when the third is due", now: 4_320, from: 2, skipped: [(2, .late)], next: 3),
    Row(story: "after the last", now: 30, from: 4, next: nil),
  ]

  @Test("plans as the table says", arguments: rows)
  func plan(row: Row) {
    let plan = Schedule.standard.plan(from: row.from, anchor: at(0), now: at(row.now), maxLate: .hours(12))
    #expect(plan.skipped.map(\.step.number) == row.skipped.map(\.step), "\(row.story)")
    #expect(plan.skipped.map(\.reason) == row.skipped.map(\.reason), "\(row.story)")
    #expect(plan.next?.number == row.next, "\(row.story)")
    #expect(plan.next?.due == row.next.flatMap { Schedule.standard.due(step: $0, anchor: at(0)) }, "\(row.story)")
  }

  @Test("of several that are due, only the latest goes out; the others are collapsed")
  func collapse() throws {
    let schedule = try #require(Schedule(offsets: [.minutes(1), .minutes(2), .minutes(3), .minutes(60)]))
    let plan = schedule.plan(from: 1, anchor: at(0), now: at(4), maxLate: .hours(12))
    #expect(plan.skipped.map(\.reason) == [.collapsed, .collapsed])
    #expect(plan.next == .init(number: 3, due: at(3)))
  }

  @Test("never plans a step twice and never leaves one out, whenever it looks", arguments: 0...20)
  func partition(hour: Int) throws {
    let schedule = try #require(Schedule(offsets: (1...10).map { .hours($0) }))
    let plan = schedule.plan(from: 1, anchor: at(0), now: at(60 * hour + 1), maxLate: .hours(3))
    let numbers = plan.skipped.map(\.step.number) + (plan.next.map { [$0.number] } ?? [])
    #expect(numbers == Array(1...(plan.next?.number ?? 10)))
    #expect(plan.skipped.allSatisfy { $0.step.due <= at(60 * hour + 1) })
    if let next = plan.next { #expect(at(60 * hour + 1).since(next.due) <= .hours(3)) }
  }
}
