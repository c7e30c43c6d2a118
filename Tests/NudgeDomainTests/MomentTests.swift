import NudgeDomain
import Testing

@Suite("Moment") struct MomentTests {
  @Test("adds and subtracts whole milliseconds")
  func arithmetic() {
    let start = Moment(milliseconds: 1_000)
    #expect(start.advanced(by: .milliseconds(-1_500)) == Moment(milliseconds: -500))
    #expect(start.advanced(by: .seconds(3)).since(start) == .seconds(3))
    #expect(start.since(start.advanced(by: .seconds(3))) == .seconds(-3))
  }

  @Test("stays in range where the arithmetic would not")
  func saturation() {
    let last = Moment(milliseconds: .max)
    let first = Moment(milliseconds: .min)
    #expect(last.advanced(by: .seconds(1)) == last)
    #expect(first.advanced(by: .seconds(-1)) == first)
    #expect(last.since(first) == .milliseconds(Int64.max))
    #expect(first.since(last) == .milliseconds(Int64.min))
    #expect(Duration.seconds(Int64.max).milliseconds == .max)
    #expect(Duration.seconds(Int64.min).milliseconds == .min)
  }

  @Test(
    "a duration is cut to whole milliseconds, towards zero", arguments: [(1_999_999, 1), (-1_999_999, -1), (999, 0)])
  func truncation(nanoseconds: Int, milliseconds: Int64) {
    #expect(Duration.nanoseconds(nanoseconds).milliseconds == milliseconds)
  }
}
