import ArgumentParser
import NudgeAPI

struct ListVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the checkouts, newest first.",
    discussion: """
      EXAMPLES
        nudgectl list --state open
        nudgectl list --email ann@example.com
        nudgectl --json list --limit 1000 | jq -r '.checkouts[].checkout_id'
      """)

  enum State: String, CaseIterable, ExpressibleByArgument {
    case open, cancelled, ordered
  }

  @Option(help: "Only those in this state.") var state: State?
  @Option(help: "Only those of this shop.") var shop: String?
  @Option(help: "Only those of this shopper.") var email: String?
  @OptionGroup var page: PageOptions
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  func run() async throws {
    let path = Client.path(
      ["checkouts"], query: [("state", state?.rawValue), ("shop", shop), ("email", email)] + page.query)
    try await Session.run(daemon.after(root.daemon)) { session in
      try await session.ask(.get, path, as: CheckoutPage.init(json:), show: Self.show)
    }
  }

  private static func show(_ page: CheckoutPage) {
    guard !page.checkouts.isEmpty else { return Output.note("no checkouts") }
    var table = Table([
      .init("CHECKOUT"), .init("SHOP"), .init("STATE"), .init("E-MAIL"), .init("CHANGED"), .init("NEXT REMINDER"),
    ])
    for checkout in page.checkouts {
      table.add([
        "\(checkout.checkoutID, .bold)", "\(checkout.shop)", Words.checkoutState(checkout.state), "\(checkout.email)",
        Time.both(checkout.changedAt), checkout.nextReminderAt.map { Time.both($0) } ?? "\("none", .dim)",
      ])
    }
    table.show()
    PageOptions.noteMore(page.next)
  }
}

/// Which part of a list.
struct PageOptions: ParsableArguments {
  /// What fits a screen or two.
  private static let standardLimit = 50

  @Option(help: "At most so many. (1 to \(Limits.pageSize), default: \(PageOptions.standardLimit))") var limit: Int?
  @Option(help: ArgumentHelp("Go on after the page before.", valueName: "next")) var after: String?

  func validate() throws {
    guard let limit, !(1...Limits.pageSize).contains(limit) else { return }
    throw ValidationError("--limit must be from 1 to \(Limits.pageSize), not \(limit)")
  }

  var query: [(String, String?)] { [("limit", String(limit ?? Self.standardLimit)), ("after", after)] }

  static func noteMore(_ next: String?) {
    guard let next else { return }
    Output.note("there are more: --after \(next)")
  }
}
