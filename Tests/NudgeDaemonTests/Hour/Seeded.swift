import Foundation

/// Random numbers that are the same for the same seed: SplitMix64.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) {
    state = seed
  }

  /// Numbers that depend on the seed and on `name`, not on what was drawn before: who asks first does not matter.
  init(_ seed: UInt64, for name: String) {
    state = name.utf8.reduce(seed ^ 0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    _ = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

  /// True in `percent` of all cases.
  mutating func happens(_ percent: Int) -> Bool { below(100) < percent }

  mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }

  /// The seeds that run: those given, or the one that the environment names.
  static func seeds(_ fixed: [UInt64]) -> [UInt64] {
    ProcessInfo.processInfo.environment["NUDGED_SEED"].flatMap { UInt64($0) }.map { [$0] } ?? fixed
  }
}
