import NudgeDaemon
import SimulationModel

/// Shops and operators: they ask, hear the answer or do not, and most of those that do not ask again.
final class Client: Sendable {
  private struct Asked {
    var request: Request
    var tries: Int
  }

  private let world: World
  private let dice: Dice
  nonisolated(unsafe) private var count = 0
  /// What has no answer yet, by number.
  nonisolated(unsafe) private var open: [Int: Asked] = [:]

  private static let mostTries = 8

  init(_ world: World, _ dice: Dice) {
    self.world = world
    self.dice = dice
  }

  func ask(_ request: Request, tries: Int = 0) {
    guard let life = world.life, life.isAlive, !life.isClosed else { return again(request, tries) }
    count += 1
    let number = count
    note(request, tries)
    open[number] = Asked(request: request, tries: tries)
    world.journal.saw(.asked(number: number, request))
    let form = Wire.form(request)
    life.start { [self] in
      let answer = await life.door.ask("POST", form.target, form.body, mediaType: form.mediaType)
      life.passes(.beforeAnswer)
      guard life.isAlive, let asked = open.removeValue(forKey: number) else { return }
      hear(answer, to: asked, number: number)
      life.passes(.afterAnswer)
    }
  }

  /// The process is gone: whoever has no answer will get none.
  func lost() {
    for (_, asked) in open.sorted(by: { $0.key < $1.key }) { again(asked.request, asked.tries) }
    open = [:]
  }

  private func hear(_ answer: Door.Answer, to asked: Asked, number: Int) {
    guard let heard = Wire.answer(answer, to: asked.request) else {
      return world.journal.complain("an answer that cannot be read: \(answer)")
    }
    world.journal.saw(.answered(number: number, heard))
    if case .problem(let status, _) = heard, status >= 500 { again(asked.request, asked.tries) }
  }

  /// Most ask again; an operator's verb has to be said until it is heard.
  private func again(_ request: Request, _ tries: Int) {
    guard world.faults.isFoul || request != .pause else { return }
    let isNeeded = request == .resume || request == .acceptClock
    guard isNeeded || (tries < Self.mostTries && dice.happens(85)) else { return }
    world.time.after(dice.skewed(100...60_000)) { [self] in ask(request, tries: tries + 1) }
  }

  private func note(_ request: Request, _ tries: Int) {
    if tries > 0 { world.journal.count(.resent) }
    switch request {
    case .checkout: world.journal.count(.checkouts)
    case .order: world.journal.count(.orders)
    case .events: world.journal.count(.imports)
    default: world.journal.count(.operators)
    }
  }
}
