import Foundation
import NudgeDaemon
import NudgeDomain
import NudgeMail
import SimulationModel

/// A configuration, as nudged reads it and as the model knows it.
struct Shops: Sendable {
  static let names = ["default", "north", "south"]

  var configuration: Configuration
  var settings: Settings
  private let templates: Templates.Folders

  init(_ dice: Dice, templates: Templates.Folders, server: Provider.Quota) {
    self.templates = templates
    var sender = SenderConfiguration()
    sender.transport = .ses
    let rate = dice.pick([0, 1, 2, 5, 14, 50])
    let isAuto = dice.happens(20)
    sender.rate = isAuto ? .auto : .fixed(rate)
    sender.maxInFlight = dice.pick([1, 2, 4, 16])
    let retry = RetryPolicy(
      attempts: dice.pick([1, 2, 3, 8]), first: .seconds(dice.pick([1, 5, 30])),
      longest: .seconds(dice.pick([30, 120, 600])))
    settings = Settings(
      rate: isAuto ? Double(server.perSecond) * 0.9 : Double(rate), isAuto: isAuto, maxInFlight: sender.maxInFlight,
      attempts: retry.attempts,
      firstWait: retry.first.milliseconds, longestWait: retry.longest.milliseconds, shops: [:])
    var shops: [String: ShopConfiguration] = [:]
    for name in Self.names {
      let policy = Self.policy(dice)
      shops[name] = ShopConfiguration(
        from: Mailbox(name: "The shop \(name)", address: "cart@\(name).example"), policy: policy,
        templates: templates.working)
      settings.shops[name] = SimulationModel.ShopPolicy(policy)
      guard dice.happens(8) else { continue }
      let kind = dice.pick([Kind.reminder, .order])
      shops[name]?.templates = templates.failing[kind]
      settings.shops[name]?.failing = [kind]
    }
    configuration = Configuration(sender: sender, retry: retry, shops: shops)
  }

  /// The same with templates that work; nil if they do already.
  var mended: Shops? {
    guard settings.shops.values.contains(where: { !$0.failing.isEmpty }) else { return nil }
    var mended = self
    for name in Self.names {
      mended.configuration.shops[name]?.templates = templates.working
      mended.settings.shops[name]?.failing = []
    }
    return mended
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
  private static let subject = """
    {{kind}}|{{shop}}|{{#step}}{{step}}{{/step}}|{{#checkout_id}}{{checkout_id}}{{/checkout_id}}|\
    {{#order_id}}{{order_id}}{{/order_id}}|{{#first_item}}{{first_item}}{{/first_item}}
    """

  /// Where they lie.
  struct Folders: Sendable {
    var working: String
    /// Those of which one kind shows what no event carries.
    var failing: [Kind: String]

    init(in folder: String) throws {
      working = "\(folder)/templates"
      failing = [.reminder: "\(folder)/no-reminder", .order: "\(folder)/no-order"]
      try Self.write(files, to: working)
      for (kind, path) in failing {
        try Self.write(files.merging(["\(kind.rawValue)/body.txt": "Dear {{name}}\n"]) { $1 }, to: path)
      }
    }

    private static func write(_ files: [String: String], to folder: String) throws {
      for (path, text) in files {
        let file = URL(filePath: "\(folder)/\(path)")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
    }
  }

  /// By their paths in the folder.
  private static let files = [
    "reminder/subject.txt": subject, "order/subject.txt": subject,
    "reminder/body.txt": "Hello {{email}}, there is something in your cart.\n",
    "order/body.txt": "Hello {{email}}, your order is on its way.\n",
    "reminder/body.html": "<html><body><p>Hello {{email}}</p></body></html>\n",
    "order/body.html": "<html><body><p>Hello {{email}}</p></body></html>\n",
  ]
}
