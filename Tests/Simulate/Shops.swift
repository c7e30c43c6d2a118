import NudgeDaemon
import NudgeDomain
import NudgeMail
import SimulationModel

/// A configuration, as nudged reads it and as the model knows it.
struct Shops: Sendable {
  static let names = ["default", "north", "south"]

  var configuration: Configuration
  var settings: Settings

  /// - Parameter templates: the folder that all shops share.
  init(_ dice: Dice, templates: String) {
    var sender = SenderConfiguration()
    sender.transport = .ses
    let rate = dice.pick([0, 1, 2, 5, 14, 50])
    sender.rate = .fixed(rate)
    sender.maxInFlight = dice.pick([1, 2, 4, 16])
    let retry = RetryPolicy(
      attempts: dice.pick([1, 2, 3, 8]), first: .seconds(dice.pick([1, 5, 30])),
      longest: .seconds(dice.pick([30, 120, 600])))
    settings = Settings(
      rate: Double(rate), maxInFlight: sender.maxInFlight, attempts: retry.attempts,
      firstWait: retry.first.milliseconds, longestWait: retry.longest.milliseconds, shops: [:])
    var shops: [String: ShopConfiguration] = [:]
    for name in Self.names {
      let policy = Self.policy(dice)
      shops[name] = ShopConfiguration(
        from: Mailbox(name: "The shop \(name)", address: "cart@\(name).example"), policy: policy, templates: templates)
      settings.shops[name] = SimulationModel.ShopPolicy(policy)
    }
    configuration = Configuration(sender: sender, retry: retry, shops: shops)
  }

  /// The last step of the longest schedule, in milliseconds.
  var longestSchedule: Int64 { settings.shops.values.flatMap(\.schedule).max() ?? 0 }

  private static func policy(_ dice: Dice) -> NudgeDomain.ShopPolicy {
    let schedules: [[Int]] = [
      [1], [60], [30, 300], [60, 600, 3_600], [20, 60, 90, 120], [600, 1_800], [1_800, 5_400],
    ]
    let offsets = dice.pick(schedules).map { Duration.seconds($0) }
    return NudgeDomain.ShopPolicy(
      schedule: Schedule(offsets: offsets) ?? .standard, onChange: dice.happens(50) ? .restart : .keep,
      maxLate: .seconds(dice.pick([0, 30, 900, 7_200])),
      orderMessage: dice.pick([.never, .whenCheckoutOpen, .whenCheckoutOpen, .always]),
      resendsUnknownOrderMessage: dice.happens(50))
  }
}

extension SimulationModel.ShopPolicy {
  fileprivate init(_ policy: NudgeDomain.ShopPolicy) {
    let orderMessage: OrderMessage =
      switch policy.orderMessage {
      case .never: .never
      case .whenCheckoutOpen: .whenCheckoutOpen
      case .always: .always
      }
    self.init(
      schedule: policy.schedule.offsets.map(\.milliseconds), onChange: policy.onChange == .keep ? .keep : .restart,
      maxLate: policy.maxLate.milliseconds, orderMessage: orderMessage,
      resendsUnknownOrderMessage: policy.resendsUnknownOrderMessage)
  }
}

/// Templates that say in the subject what the mail is about, so that the mail server can tell.
enum Templates {
  static let subject = """
    {{kind}}|{{shop}}|{{#step}}{{step}}{{/step}}|{{#checkout_id}}{{checkout_id}}{{/checkout_id}}|\
    {{#order_id}}{{order_id}}{{/order_id}}|{{#first_item}}{{first_item}}{{/first_item}}
    """

  /// By their paths in the folder.
  static let files = [
    "reminder/subject.txt": subject, "order/subject.txt": subject,
    "reminder/body.txt": "Hello {{email}}, there is something in your cart.\n",
    "order/body.txt": "Hello {{email}}, your order is on its way.\n",
    "reminder/body.html": "<html><body><p>Hello {{email}}</p></body></html>\n",
    "order/body.html": "<html><body><p>Hello {{email}}</p></body></html>\n",
  ]
}
