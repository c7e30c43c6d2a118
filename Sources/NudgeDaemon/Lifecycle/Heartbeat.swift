import Glibc
import Logging
import NudgeAPI
import NudgeDomain
import NudgeStore
import Synchronization

/// When the service manager wants to hear that nudged lives, and what counts as living.
package struct Heartbeat: Sendable {
  /// What systemd sets when the unit has a watchdog.
  package static let variables = ["WATCHDOG_USEC", "WATCHDOG_PID"]
  /// Without a watchdog there are no beats, but the status is told at this pace.
  static let statusInterval = Duration.seconds(30)
  /// How long the dispatcher may take over one look at what is due. Each beat has it look.
  static let longestLook = Duration.seconds(180)
  /// While nothing happens, beats are so many times rarer. Each costs half a dozen wake-ups.
  static let restFactor = 10

  /// Half of what the manager allows: one late beat is not missed.
  package let interval: Duration
  package let isWatched: Bool

  /// - Parameter process: this one; a watchdog of another process is none of ours.
  package init(environment: [String: String], process: Int32) {
    let isOurs = environment["WATCHDOG_PID"].map { $0 == String(process) } ?? true
    let allowed = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
    isWatched = isOurs && allowed > 0
    interval = isWatched ? .microseconds(allowed) / 2 : Self.statusInterval
  }

  /// From one beat to the next while nothing happens.
  var rest: Duration { interval * Self.restFactor }
}

/// Whether the dispatcher goes on looking. A value; it is asked at each beat.
struct Progress: Hashable, Sendable {
  private var looks = -1
  private var idle = Duration.zero

  /// - Parameters:
  ///   - looks: how often the dispatcher has looked at what is due since it began.
  ///   - interval: what has passed since this was asked last.
  /// - Returns: false if it has not for longer than it ever should.
  mutating func continues(looks: Int, after interval: Duration) -> Bool {
    idle = looks == self.looks ? idle + interval : .zero
    self.looks = looks
    return idle <= Heartbeat.longestLook
  }
}

/// What one beat leaves for the next.
private struct Beats {
  var progress = Progress()
  var at: Uptime
  /// What the manager has been told.
  var status = ""
  var isResting = false
  var stirs = -1
}

extension Daemon {
  /// Tells the service manager what nudged does and that it lives, until cancelled. While the writer does not answer or
  /// the dispatcher stands still, nothing is told: then a watchdog ends the process.
  ///
  /// While nothing happens it is told more seldom, and the manager that it will be. What happens next ends that before
  /// the writer or the dispatcher get to it: if they do not, the manager finds out as soon as ever.
  func beat() async {
    let clock = surroundings.clock
    let heartbeat = Heartbeat(environment: surroundings.environment, process: getpid())
    var beats = Beats(at: clock.uptime())
    while !Task.isCancelled {
      await beatOnce(heartbeat, &beats)
      if beats.isResting, !hasStirred(since: beats) {
        await dispatcher.news.wait(until: nil, clock: clock, longest: heartbeat.rest)
      } else {
        try? await clock.pass(heartbeat.interval)  // cancelled: it ends
      }
    }
  }

  private func hasStirred(since beats: Beats) -> Bool {
    dispatcher.stirs.load(ordering: .sequentiallyConsistent) != beats.stirs
  }

  private func beatOnce(_ heartbeat: Heartbeat, _ beats: inout Beats) async {
    let now = surroundings.clock.uptime()
    defer { beats.at = now }
    let isQuiet = !hasStirred(since: beats)
    beats.stirs = dispatcher.stirs.load(ordering: .sequentiallyConsistent)
    if !isQuiet { rest(false, heartbeat, &beats) }
    _ = try? await store.pulse()  // whatever it says, it says something; a failure ends the daemon by itself
    let looks = dispatcher.looks.load(ordering: .relaxed)
    let isWell = beats.progress.continues(looks: looks, after: now.since(beats.at))
    dispatcher.alarm.ring(nil)  // by the next beat it has looked
    if isWell, heartbeat.isWatched { surroundings.notifier.notify(.watchdog) }
    if !isWell { logger.critical("The dispatcher stands still: the watchdog is not told that nudged lives") }
    if !isQuiet || !beats.isResting { await tellStatus(&beats) }
    rest(isQuiet && isWell, heartbeat, &beats)
  }

  /// The manager has to know before the beats become rarer.
  private func rest(_ isResting: Bool, _ heartbeat: Heartbeat, _ beats: inout Beats) {
    guard isResting != beats.isResting else { return }
    beats.isResting = isResting
    dispatcher.isResting.store(isResting, ordering: .sequentiallyConsistent)
    guard heartbeat.isWatched else { return }
    surroundings.notifier.notify(.watchdogLimit((isResting ? heartbeat.rest : heartbeat.interval) * 2))
  }

  private func tellStatus(_ beats: inout Beats) async {
    let status = await statusLine()
    if status != beats.status { surroundings.notifier.notify(.status(status)) }
    beats.status = status
  }

  /// What `systemctl status` shows.
  func statusLine() async -> String {
    let transport = dispatcher.desk.configuration.sender.transport.rawValue
    let sending =
      switch dispatcher.status {
      case _ where await isPaused(): "sending is paused"
      case .ok: "sends by \(transport)"
      case .held(let reason, _, _): "mail is held: \(reason)"
      case .doubted(let doubt): "mail is held: \(doubt.reason)"
      }
    return "Takes events, \(sending); next due \(await nextDue().map { Timestamp($0).rfc3339 } ?? "nothing")"
  }

  /// False also if the store cannot say.
  func isPaused() async -> Bool { (try? await store.isPaused()) == true }

  /// Nil also if the store cannot say: that ends nudged by itself.
  func nextDue() async -> Moment? { (try? await store.nextDue()) ?? nil }
}
