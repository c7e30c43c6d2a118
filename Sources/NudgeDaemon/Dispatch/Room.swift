import NudgeDomain
import NudgeMail

/// How many messages may be claimed now.
struct Room: Hashable, Sendable {
  /// In all; order messages may take all of it.
  var limit = 0
  /// How many of them may be reminders.
  var reminders = 0
  /// One message is to try whether the server takes mail again.
  var isProbe = false
  /// If a lane has no room: when to ask again, nil if a ring will tell.
  var again: Uptime?
}

extension Room {
  /// One in so many hand-overs at a time is kept free for order messages. They come one by one and leave within a
  /// second, so that an eighth is plenty; more would slow the reminders down for nothing.
  private static let reminderShare = 8

  /// How many of that many hand-overs at a time are kept free for order messages: at least one, unless there is only one.
  static func reserved(of maxInFlight: Int) -> Int {
    min(max(1, maxInFlight / reminderShare), maxInFlight - 1)
  }
}

extension Dispatcher.State {
  /// How many messages may be claimed at `now`. Whether sending is paused is not asked here: while it is, the store gives
  /// nothing.
  ///
  /// Reminders that have not begun hold no token against an order message: if it comes before them to the server, they
  /// find the rate used up and go back to their lane.
  mutating func room(now: Uptime) -> Room {
    if isStopping { return Room() }
    let dayRoom = allotment?.dayRoom(now: now) ?? .max
    let tokens = min(pace.allowance(now: now), dayRoom)
    if let hold {
      let mayProbe = hold.mayProbe(now: now)
      if mayProbe, tokens > 0 { return Room(limit: 1, reminders: 1, isProbe: true) }
      wantsRoom = true
      if mayProbe { return Room(again: dayRoom == 0 ? nil : pace.roomAgain()) }  // a probe is a mail like the others
      return Room(again: hold.probe == nil ? hold.probeAt : nil)
    }
    let most = outfit.desk.configuration.sender.maxInFlight
    let limit = min(Dispatcher.claimBatch, most - flights.count, tokens - flights.waiting(.order))
    let reminders = min(
      limit, most - Room.reserved(of: most) - flights.count(.reminder), tokens - flights.waiting)
    if reminders > 0 { return Room(limit: limit, reminders: reminders) }
    wantsRoom = true
    if dayRoom == 0 { return Room() }  // whoever has asked the provider rings
    return Room(limit: max(limit, 0), reminders: 0, again: tokens > 0 ? nil : pace.roomAgain())
  }

  /// Takes a token for a message that is about to leave; false if there is none left for it. What this counts is what
  /// the server sees: however the claims were made, no more leave than the rate allows.
  mutating func takeToken(for lane: Message.Lane, now: Uptime) -> Bool {
    let others = lane == .order ? 0 : flights.waiting(.order)
    guard min(pace.allowance(now: now), allotment?.dayRoom(now: now) ?? .max) > others else { return false }
    takeToken(now: now)
    return true
  }

  /// Counts one that leaves.
  mutating func takeToken(now: Uptime) {
    pace.take(1, now: now)
    allotment?.take()
    if allotment?.dayRoom(now: now) == 0 { wantsRoom = true }  // the next tick says so
  }

  /// The rate of a new configuration. What has gone out counts against it, and the provider is asked anew.
  mutating func replaceRate(old: Outfit, now: Uptime) {
    guard outfit.isAuto else {
      allotment = nil
      return pace.change(to: outfit.perSecond)
    }
    let goesOn = old.isAuto && old.account == outfit.account
    allotment = goesOn ? allotment?.askingAnew(now: now) : Allotment(now: now)
    pace.change(to: allotment?.perSecond ?? outfit.perSecond)
  }
}
