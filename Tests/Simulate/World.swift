import Foundation
import Logging
import NudgeDaemon
import NudgeMail
import SimulationModel

/// nudged with all that is around it: its machine, its disk, its mail server, its shops and operators. One thread, and
/// everything that happens follows from the seed.
final class World: Sendable {
  let seed: UInt64
  let time: VirtualTime
  let journal: Journal
  let executor: Executor
  let disk: Disk
  let faults: Faults
  let provider: Provider
  /// For what happens as it goes; and for what is planned at the beginning.
  let dice: Dice
  let plans: Dice
  let logger: Logger
  nonisolated(unsafe) private(set) var shops: Shops
  nonisolated(unsafe) private var desk: MailDesk
  nonisolated(unsafe) private(set) var client: Client!
  nonisolated(unsafe) private(set) var life: Life?
  nonisolated(unsafe) private var dying: Life?
  /// By the ids of their checkouts.
  nonisolated(unsafe) var shoppers: [String: Shopper] = [:]
  /// Their orders, by the same.
  nonisolated(unsafe) var orderEvents: [String: OrderEvent] = [:]
  /// Of a hundred reminders, so many meet an event of their shopper on their way.
  nonisolated(unsafe) var meetings = 0
  nonisolated(unsafe) var wantsSnapshot = false
  /// A mistake that nudged is to make here.
  let sabotage: Sabotage?
  private let templates: Templates.Folders
  private let ses: SESConfiguration

  private static let minute: Int64 = 60_000
  /// When worlds begin: noon of a day, UTC milliseconds since 1970.
  private static let noon: Int64 = 1_795_348_800_000

  init(seed: UInt64, in workshop: Workshop, spoiledBy sabotage: Sabotage? = nil) throws {
    self.seed = seed
    self.sabotage = sabotage
    time = VirtualTime(wall: Self.noon, uptime: 100 * Self.minute)
    journal = Journal(time)
    executor = Executor(Dice(seed, for: "order"))
    dice = Dice(seed, for: "chance")
    plans = Dice(seed, for: "plans")
    faults = Faults(Dice(seed, for: "faults"))
    provider = Provider(Dice(seed, for: "provider"), journal, spoiledBy: sabotage)
    disk = try workshop.disk()
    try sabotage?.spoil(database: disk.path)
    templates = workshop.templates
    ses = workshop.ses
    shops = Shops(plans, templates: templates, server: provider.quota)
    sabotage?.spoil(&shops.configuration)
    desk = try MailDesk(configuration: shops.configuration)
    logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
    client = Client(self, Dice(seed, for: "client"))
  }

  // MARK: A run

  /// Lets it all happen, to the end.
  func run() {
    let foulEnd = plans.pick([5, 20, 60, 120]) * Self.minute
    start()
    planShoppers(Int(plans.number(3...14)), from: 0, until: foulEnd * 4 / 5)
    if plans.happens(30) { planBurst(until: foulEnd) }
    if plans.happens(30) { planImport(until: foulEnd) }
    planFaults(until: foulEnd)
    go(until: foulEnd)
    calm()
    finish()
    journal.count(.virtualSeconds, Int(time.elapsed / 1_000))
  }

  /// Lets things happen until that much true time has passed.
  private func go(until end: Int64) {
    time.after(end - time.elapsed) {}
    while time.elapsed < end { step() }
  }

  private func step() {
    if let dead = dying { bury(dead) }
    if executor.runOne() { return }
    life?.closeIfOver()
    if let life, life.isClosed { ended(life) }
    if wantsSnapshot { snapshot() }
    if executor.isIdle, dying == nil, !time.advance() { journal.complain("nothing is to happen any more") }
  }

  // MARK: Lives

  /// Starts nudged; if it cannot, the service manager tries again.
  func start() {
    guard life == nil, dying == nil else { return }
    do {
      let life = try Life(in: self, shops: shops, desk: desk)
      journal.count(.starts)
      journal.saw(.started(shops.settings))
      self.life = life
      life.begin()
    } catch {
      journal.count(.failedStarts)
      if !faults.isFoul { journal.complain("it does not start: \(error)") }
      time.after(1_000) { [self] in start() }
    }
  }

  func died(_ life: Life) { dying = life }

  private func bury(_ dead: Life) {
    dead.bury()
    dying = nil
    life = nil
    client.lost()
    time.after(faults.isFoul ? dice.skewed(50...600_000) : 1_000) { [self] in start() }
  }

  private func ended(_ life: Life) {
    if life.clock.sleepers > 0 { journal.complain("somebody still sleeps in a life that has ended") }
    journal.count(.stops)
    journal.saw(.stopped)
    self.life = nil
    client.lost()
    if !isFinished { time.after(dice.skewed(50...60_000)) { [self] in start() } }
  }

  func reload() { reload(Shops(plans, templates: templates, server: provider.quota)) }

  private func reload(_ next: Shops) {
    guard let life, life.isAlive, !life.isStopping else { return }
    var next = next
    sabotage?.spoil(&next.configuration)
    guard let newDesk = try? MailDesk(configuration: next.configuration) else {
      return journal.complain("a configuration is no good")
    }
    let newSender = sender(Life.Wires(life), life.clock)
    (shops, desk) = (next, newDesk)
    journal.count(.reloads)
    journal.saw(.reloaded(next.settings))
    life.start { await life.dispatcher.replace(desk: newDesk, sender: newSender) }
  }

  func sender(_ wires: Life.Wires, _ clock: LifeClock) -> any Sender {
    let provider = provider
    return SESSender(
      configuration: ses,
      credentials: FixedCredentials(
        AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret"), from: "the world"),
      network: SESNetwork { parcel in
        guard let life = wires.life, life.isAlive else { throw Provider.Lost() }
        return try await provider.carry(parcel, for: life)
      },
      now: { clock.now() })
  }

  // MARK: The quiet phase

  nonisolated(unsafe) private var isFinished = false

  /// Nothing goes wrong any more, the clock is right, operators put things right; ends when all is well.
  private func calm() {
    faults.end()
    provider.foulness = 0
    provider.isReachable = true
    provider.connecting = Provider.soon
    provider.quota.perDay = nil
    time.goes(fasterBy: 0)
    step(by: time.rightWall - time.wall)
    let limit = time.elapsed + 180 * Self.minute
    repeat {
      if let mended = shops.mended { reload(mended) }
      client.ask(.resume)
      client.ask(.acceptClock)
      go(until: time.elapsed + 10 * Self.minute)
    } while !isWell && time.elapsed < limit
    if !isWell {
      journal.complain("it does not recover: \(life.map { "\($0.dispatcher.status)" } ?? "it does not run")")
    }
    journal.saw(.weather(isFair: true))
    wantsSnapshot = true
    quietUntil = time.elapsed + 20 * Self.minute
    planShoppers(Int(plans.number(1...4)), from: time.elapsed, until: quietUntil)
    let drainLimit = time.elapsed + shops.longestSchedule + 300 * Self.minute
    repeat { go(until: time.elapsed + 2 * Self.minute) } while hasWork(until: drainLimit) && time.elapsed < drainLimit
  }

  private var isWell: Bool {
    guard let life, life.isAlive, !life.isStopping else { return false }
    let paused = "SELECT count(*) FROM meta WHERE name = 'paused' AND value = 'true'"
    guard life.look({ $0.number(paused) }) == 0 else { return false }
    // A hold lasts until there is a message to try the server with.
    if case .held = life.dispatcher.status { return !waits(until: time.wall) }
    let report = life.dispatcher.report
    guard (report.perSecond ?? 0) == shops.settings.rate else { return false }
    return report.state == .ok && life.dispatcher.status == .ok
  }

  /// Whether something waits that is due before that moment of true time, or somebody is still asking.
  private func hasWork(until limit: Int64) -> Bool {
    guard life != nil, time.elapsed > quietUntil else { return true }
    return waits(until: time.wall + limit - time.elapsed)
  }

  /// Whether a message is on its way, or due by that moment of the wall clock.
  private func waits(until last: Int64) -> Bool {
    guard let life else { return false }
    return life.look {
      $0.number("SELECT count(*) FROM message WHERE state = 'sending' OR (state = 'scheduled' AND due_at <= ?)", last)
    } > 0
  }

  /// Shoppers may still come until then.
  nonisolated(unsafe) private var quietUntil: Int64 = 0

  private func finish() {
    wantsSnapshot = true
    go(until: time.elapsed + Self.minute)
    isFinished = true
    life?.stop()
    go(until: time.elapsed + 2 * Self.minute)
    if life != nil { journal.complain("it does not end when it is told to") }
    life?.die()
    if let dead = dying { bury(dead) }
    time.forget()
    client = nil
    disk.leave()
  }

  // MARK: Snapshots

  /// Takes one, if nothing is being written and nobody is being answered.
  private func snapshot() {
    guard let life, life.isAlive, !life.isStopping, !life.isWriting, life.requests == 0, executor.isIdle else { return }
    wantsSnapshot = false
    var snapshot = life.look { Snapshot($0) }
    let pageLength = dice.pick([3, 20, 1_000])
    let answers = Answers()
    life.start { await answers.ask(life.door, pageLength: pageLength) }
    while executor.runOne() {}
    answers.tell(&snapshot)
    journal.count(.snapshots)
    journal.saw(.snapshot(snapshot))
  }
}
