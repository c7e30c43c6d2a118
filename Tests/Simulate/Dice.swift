/// Random numbers that are the same for the same seed: SplitMix64.
///
/// Each part of a world has dice of its own, so that what one part draws does not change what another one gets.
final class Dice: Sendable {
  nonisolated(unsafe) private var state: UInt64

  init(_ seed: UInt64, for name: String) {
    state = name.utf8.reduce(seed ^ 0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    _ = next()
  }

  func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

  func number(_ range: ClosedRange<Int64>) -> Int64 {
    range.lowerBound + Int64(next() % UInt64(range.upperBound - range.lowerBound + 1))
  }

  /// True in `percent` of all cases.
  func happens(_ percent: Int) -> Bool { below(100) < percent }

  func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }

  /// From 0 to 1.
  func share() -> Double { Double(next() >> 11) / Double(1 << 53) }

  /// Mostly near the lower end of the range, now and then far up.
  func skewed(_ range: ClosedRange<Int64>) -> Int64 {
    let share = share()
    return range.lowerBound + Int64(share * share * share * Double(range.upperBound - range.lowerBound))
  }
}
