/// One event that a client told, alone or as a line of many, with what became of it.
struct Deed {
  enum Event {
    case checkout(CheckoutEvent)
    case order(OrderEvent)
  }

  enum Reply {
    case checkout(CheckoutReply)
    case order(OrderReply)
    /// It was taken, and nothing else was said.
    case accepted
  }

  var event: Event
  var number: Int
  /// Those of one request happen in the order of its lines.
  var line: Int
  var asked: Int
  /// When it was certain, or could not happen any more.
  var over: Int
  /// Nil if nobody can know whether it happened.
  var reply: Reply?

  var checkout: CheckoutEvent? {
    if case .checkout(let event) = event { event } else { nil }
  }

  var order: OrderEvent? {
    if case .order(let event) = event { event } else { nil }
  }

  /// The names by which checkouts and orders can find each other: those that share one belong together.
  var keys: [String] {
    switch event {
    case .checkout(let event):
      [
        "\(event.shop)|id|\(event.checkoutID)", event.orderID.map { "\(event.shop)|id|\($0)" },
        "\(event.shop)|mail|\(event.email.lowercased())", event.customerID.map { "\(event.shop)|customer|\($0)" },
      ].compactMap(\.self)
    case .order(let event):
      [
        "\(event.shop)|id|\(event.orderID)", event.checkoutID.map { "\(event.shop)|id|\($0)" },
        event.email.map { "\(event.shop)|mail|\($0.lowercased())" },
        event.customerID.map { "\(event.shop)|customer|\($0)" },
      ].compactMap(\.self)
    }
  }

  /// All that can have happened: what was refused cannot.
  static func all(of history: History) -> [Deed] {
    var deeds: [Deed] = []
    for (number, exchange) in history.exchanges.sorted(by: { $0.key < $1.key }) {
      let over = exchange.over(in: history)
      func add(_ event: Event, line: Int, _ reply: Reply?) {
        deeds.append(
          Deed(event: event, number: number, line: line, asked: exchange.asked, over: over, reply: reply))
      }
      if case .problem(let status, _) = exchange.answer, status < 500 { continue }
      switch (exchange.request, exchange.answer) {
      case (.checkout(let event), .checkout(let reply)): add(.checkout(event), line: 1, .checkout(reply))
      case (.checkout(let event), _): add(.checkout(event), line: 1, nil)
      case (.order(let event), .order(let reply)): add(.order(event), line: 1, .order(reply))
      case (.order(let event), _): add(.order(event), line: 1, nil)
      case (.events(let lines), let answer):
        var rejected: [Int] = []
        var reply: Reply?
        if case .events(_, let numbers) = answer { (rejected, reply) = (numbers, .accepted) }
        for (position, line) in lines.enumerated() where !rejected.contains(position + 1) {
          switch line {
          case .checkout(let event) where !event.isInvalid: add(.checkout(event), line: position + 1, reply)
          case .order(let event) where !event.isInvalid: add(.order(event), line: position + 1, reply)
          default: break
          }
        }
      default: break
      }
    }
    return deeds
  }
}

/// Events that can have to do with each other, and none besides. Each component is judged by itself.
struct Component {
  var deeds: [Deed]

  static func all(of deeds: [Deed]) -> [Component] {
    var parents = Array(deeds.indices)
    func root(_ index: Int) -> Int {
      var index = index
      while parents[index] != index {
        parents[index] = parents[parents[index]]
        index = parents[index]
      }
      return index
    }
    var owners: [String: Int] = [:]
    for (index, deed) in deeds.enumerated() {
      for key in deed.keys {
        if let owner = owners[key] { parents[root(index)] = root(owner) } else { owners[key] = index }
      }
    }
    let groups = Dictionary(grouping: deeds.indices) { root($0) }
    return groups.sorted { $0.key < $1.key }.map { Component(deeds: $0.value.map { deeds[$0] }) }
  }
}
