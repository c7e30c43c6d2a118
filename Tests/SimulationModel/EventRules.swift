/// Events and what follows from them: each component of events is followed through all worlds that agree with what was
/// seen.
struct EventRules {
  let history: History

  func violations() -> [Violation] {
    let components = Component.all(of: Deed.all(of: history)).map { Named($0, history) }
    let sights = Sights(history: history, components: components)
    var found = ValidityRules(history: history).violations() + sights.strangers
    for (number, component) in components.enumerated() {
      var course = Course(history: history, component: component)
      if let violation = course.follow(sights.ofComponent[number]) { found.append(violation) }
    }
    return found
  }
}

/// What concerns which component.
struct Sights {
  private(set) var ofComponent: [[Int]]
  /// What concerns none: mails and rows that no event asked for.
  private(set) var strangers: [Violation] = []

  init(history: History, components: [Named]) {
    var owners: [String: Int] = [:]
    var requests: [Int: Set<Int>] = [:]
    for (number, component) in components.enumerated() {
      component.cartIDs.forEach { owners["\(component.shop)|cart|\($0)"] = number }
      component.purchaseIDs.forEach { owners["\(component.shop)|order|\($0)"] = number }
      component.deeds.forEach { requests[$0.number, default: []].insert(number) }
    }
    func owner(_ shop: String, _ checkout: String?, _ order: String?) -> Int? {
      order.flatMap { owners["\(shop)|order|\($0)"] } ?? checkout.flatMap { owners["\(shop)|cart|\($0)"] }
    }
    var sights: [[Int]] = components.map { _ in [] }
    for (index, observation) in history.observations.enumerated() {
      switch observation.what {
      case .answered(let number, _):
        requests[number]?.forEach { sights[$0].append(index) }
        if case .retry(let id) = history.exchanges[number]?.request, let row = history.identity(of: id),
          let owner = owner(row.shop, row.checkoutID, row.orderID)
        {
          sights[owner].append(index)
        }
      case .asked(_, .retry(let id)):
        if let row = history.identity(of: id), let owner = owner(row.shop, row.checkoutID, row.orderID) {
          sights[owner].append(index)
        }
      case .claimed(let row):
        guard let message = history.identity(of: row.message) else { continue }
        if let owner = owner(message.shop, message.checkoutID, message.orderID) { sights[owner].append(index) }
      case .handOverBegan(let mail):
        guard let owner = owner(mail.shop, mail.checkoutID, mail.orderID) else {
          strangers.append(history.violation(.mailsFollowEvents, index, "\(mail.message) is of what nobody told"))
          continue
        }
        sights[owner].append(index)
      case .crashed, .stopped: for number in sights.indices { sights[number].append(index) }
      case .snapshot(let snapshot):
        for number in sights.indices { sights[number].append(index) }
        for row in snapshot.checkouts where owners["\(row.shop)|cart|\(row.checkoutID)"] == nil {
          strangers.append(
            history.violation(.nothingIsInvented, index, "nobody told of the checkout \(row.checkoutID)"))
        }
        for row in snapshot.orders where owners["\(row.shop)|order|\(row.orderID)"] == nil {
          strangers.append(history.violation(.nothingIsInvented, index, "nobody told of the order \(row.orderID)"))
        }
      default: break
      }
    }
    ofComponent = sights
  }
}

/// The way of one component through a run.
struct Course {
  /// So many worlds at once, and the component is given up as undecided.
  static let mostWorlds = 4_000

  let history: History
  let component: Named
  private var worlds: Set<World>
  private var griefs: [Grief] = []
  private var openWhenAsked: [String: Bool] = [:]

  init(history: History, component: Named) {
    self.history = history
    self.component = component
    worlds = [
      World(
        carts: component.cartIDs.map { _ in Cart() }, purchases: component.purchaseIDs.map { _ in Purchase() })
    ]
  }

  /// The first promise that is broken, if one is.
  mutating func follow(_ sights: [Int]) -> Violation? {
    for index in sights {
      griefs.removeAll(keepingCapacity: true)
      guard let before = grow(until: index) else { return nil }
      worlds = narrow(before, index)
      guard worlds.isEmpty else { continue }
      guard let worst = griefs.max(by: { $0.depth < $1.depth }) else { return nil }
      return history.violation(worst.rule, index, worst.detail)
    }
    return nil
  }

  /// All worlds that may be at that moment: each of those that wait to happen may have done so, in any order. Nil if they
  /// are too many to tell.
  private mutating func grow(until index: Int) -> Set<World>? {
    let pending = component.deeds.indices.filter {
      component.deeds[$0].asked < index && component.deeds[$0].over >= index
    }
    guard !pending.isEmpty else { return worlds }
    var all = worlds
    var fresh = Array(worlds)
    while let world = fresh.popLast() {
      for deed in pending where mayHappen(deed, in: world, pending) {
        var happening = Happening(history: history, component: component, index: deed, before: index)
        for next in happening.worlds(after: world) where all.insert(next).inserted { fresh.append(next) }
        griefs += happening.griefs
      }
      if all.count > Self.mostWorlds { return nil }
    }
    return all
  }

  /// Lines of one request happen in their order.
  private func mayHappen(_ deed: Int, in world: World, _ pending: [Int]) -> Bool {
    guard !world.done.contains(deed) else { return false }
    let this = component.deeds[deed]
    return pending.allSatisfy { other in
      component.deeds[other].number != this.number || component.deeds[other].line >= this.line
        || world.done.contains(other)
    }
  }

  private mutating func narrow(_ worlds: Set<World>, _ index: Int) -> Set<World> {
    switch history.observations[index].what {
    case .answered(let number, let answer):
      if case .retry(let id) = history.exchanges[number]?.request { return retried(worlds, id, answer, index) }
      return settled(worlds, index)
    case .asked(_, .retry(let id)):
      openWhenAsked[id] = worlds.contains { isWanted(id, in: $0) }
      return worlds
    case .crashed, .stopped: return settled(worlds, index)
    case .claimed(let row):
      guard let message = history.identity(of: row.message) else { return worlds }
      let permission = Permission(history, component)
      return keep(worlds) { permission.claim(row, message, index, in: &$0) }
    case .handOverBegan(let mail):
      let permission = Permission(history, component)
      return keep(worlds) { permission.begin(mail, index, in: &$0) }
    case .snapshot(let snapshot):
      let rows = ComponentRows(snapshot, component)
      let match = TableMatch(history: history, component: component, rows: rows, index: index)
      return keep(worlds) { match.fit(&$0) }
    default: return worlds
    }
  }

  /// Those in which what is certain has happened; what cannot happen any more is forgotten.
  private mutating func settled(_ worlds: Set<World>, _ index: Int) -> Set<World> {
    let over = component.deeds.indices.filter { component.deeds[$0].over == index }
    let certain = over.filter { component.deeds[$0].reply != nil }
    var kept: Set<World> = []
    for world in worlds where certain.allSatisfy(world.done.contains) {
      var world = world
      world.done.removeAll { over.contains($0) }
      kept.insert(world)
    }
    return kept
  }

  private mutating func keep(_ worlds: Set<World>, _ check: (inout World) -> Grief?) -> Set<World> {
    var kept: Set<World> = []
    for world in worlds {
      var world = world
      if let grief = check(&world) { griefs.append(grief) } else { kept.insert(world) }
    }
    return kept
  }

  // MARK: Retries

  private func isWanted(_ message: String, in world: World) -> Bool {
    guard let row = history.identity(of: message), row.kind == .reminder,
      let cart = component.cartIDs.firstIndex(where: { $0 == row.checkoutID })
    else { return true }
    return world.carts[cart].phase == .open
  }

  private mutating func retried(_ worlds: Set<World>, _ id: String, _ answer: Answer, _ index: Int) -> Set<World> {
    guard case .message = answer, openWhenAsked[id] == false, !worlds.contains(where: { isWanted(id, in: $0) }) else {
      return worlds
    }
    griefs.append(
      Grief(rule: .retryLooksAtTheOrder, detail: "\(id) shall be sent again, and its checkout is closed", depth: 9))
    return []
  }
}
