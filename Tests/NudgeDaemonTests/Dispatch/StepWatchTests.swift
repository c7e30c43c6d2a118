import CClock
import Foundation
import NudgeDomain
import Synchronization
import TestKit
import Testing

@testable import NudgeDaemon

@Suite("Step watch") struct StepWatchTests {
  @Test("the kernel's timer is of the wall clock, absolute, and cancelled when that is set")
  func armed() throws {
    let watch = cclock_watch()
    try #require(watch >= 0)
    defer { close(watch) }
    let info = try String(contentsOfFile: "/proc/self/fdinfo/\(watch)", encoding: .utf8)
    func value(_ key: String) -> Int? {
      let line = info.split(separator: "\n").first { $0.hasPrefix("\(key):") }
      return line.flatMap { Int($0.dropFirst(key.count + 1).trimmingCharacters(in: .whitespaces), radix: 8) }
    }
    #expect(value("clockid") == Int(CLOCK_REALTIME))
    #expect(value("settime flags") == 3, "TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET")
    #expect(fcntl(watch, F_GETFD) & FD_CLOEXEC != 0)
    #expect(cclock_look(watch) == Int32(CCLOCK_QUIET), "nobody has set the clock, and nobody waits")
  }

  /// What the kernel answers in a test, one after the other: an errno, or 0 for success.
  private static let arms = Mutex<[Int32]>([])
  private static let reads = Mutex<[Int32]>([])

  private static let calls = cclock_calls(
    arm: { _, flags, seconds in
      guard flags == cclock_flags(), seconds == cclock_far() else { return -2 }
      let code = StepWatchTests.arms.withLock { $0.isEmpty ? 0 : $0.removeFirst() }
      errno = code
      return code == 0 ? 0 : -1
    },
    read: { _, _, size in
      let code = StepWatchTests.reads.withLock { $0.removeFirst() }
      errno = code
      return code == 0 ? Int(size) : -1
    })

  @Test("what the kernel says is understood: set, and armed again; nothing; broken")
  func answers() {
    for (read, arms, expected) in [
      (ECANCELED, [], CCLOCK_SET), (ECANCELED, [ECANCELED, ECANCELED], CCLOCK_SET),
      (ECANCELED, [EINVAL], CCLOCK_BROKEN),
      (EAGAIN, [], CCLOCK_QUIET), (EINTR, [], CCLOCK_QUIET), (EBADF, [], CCLOCK_BROKEN), (0, [], CCLOCK_BROKEN),
    ] as [(Int32, [Int32], Int)] {
      Self.reads.withLock { $0 = [read] }
      Self.arms.withLock { $0 = arms }
      let news = withUnsafePointer(to: Self.calls) { cclock_look_with(0, $0) }
      #expect(news == Int32(expected), "read \(read), arm \(arms)")
      #expect(Self.arms.withLock { $0.isEmpty }, "it armed as often as it had to")
    }
  }

  /// A descriptor that becomes readable when the test says so.
  private static func pipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    try #require(Glibc.pipe(&ends) == 0)
    return (ends[0], ends[1])
  }

  @Test("each step is told at once, and nothing after the end", .timeLimit(.minutes(1)))
  func told() async throws {
    let (read, write) = try Self.pipe()
    defer { close(write) }
    let (steps, continuation) = AsyncStream<Bool>.makeStream()
    let look: @Sendable (Int32) -> Int32 = { descriptor in
      var byte: UInt8 = 0
      return Glibc.read(descriptor, &byte, 1) == 1 ? Int32(byte) : Int32(CCLOCK_BROKEN)
    }
    let watch = StepWatch.begin(on: read, look: look) { continuation.yield($0) }
    var told = steps.makeAsyncIterator()
    for news in [CCLOCK_SET, CCLOCK_QUIET, CCLOCK_SET, CCLOCK_BROKEN] {
      var byte = UInt8(news)
      #expect(Glibc.write(write, &byte, 1) == 1)
      if news != CCLOCK_QUIET { #expect(await told.next() == (news == CCLOCK_SET), "it says whether it watches on") }
    }
    watch.end()
    // The descriptor is closed at the end: nobody reads the other side any more.
    signal(SIGPIPE, SIG_IGN)
    var byte = UInt8(CCLOCK_QUIET)
    while Glibc.write(write, &byte, 1) == 1 { await Task.yield() }
    #expect(errno == EPIPE)
  }

  @Test("the real one begins and ends")
  func real() throws {
    let watch = try #require(StepWatch.begin { _ in })
    watch.end()
  }

  @Test("a mark that a time server left lately, by the clock that it is to vouch for, vouches for it")
  func mark() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "synchronized").path
      let now = SystemClock().now()
      #expect(!SystemClock.isVouchedFor(by: path, at: now), "there is none")
      try Data().write(to: URL(filePath: path))
      #expect(SystemClock.isVouchedFor(by: path, at: now.advanced(by: .seconds(60))))
      #expect(!SystemClock.isVouchedFor(by: path, at: now.advanced(by: .seconds(3_600))), "the clock jumped since")
      #expect(!SystemClock.isVouchedFor(by: path, at: now.advanced(by: .seconds(-3_600))), "it was set back since")
    }
  }

  @Test("the machine's clocks go on, and say which boot it is")
  func machine() {
    let clock = SystemClock()
    let (before, after) = (clock.reading, clock.reading)
    #expect(after.uptime >= before.uptime)
    #expect(clock.boot?.count == 36)
    _ = clock.isSynchronised
  }

  @Test("the wall clock is read down to the millisecond that has passed whole: nothing is early")
  func rounding() {
    for _ in 1...1_000 {
      let now = SystemClock().now()
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      #expect(now.milliseconds <= Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
  }
}
