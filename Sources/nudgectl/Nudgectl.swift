import ArgumentParser
import Foundation
import Glibc
import NudgeAPI

/// Tells nudged about checkouts and orders, and asks what it does.
struct Nudgectl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nudgectl",
    abstract: "Tell nudged about checkouts and orders, and ask what it does.",
    discussion: """
      EXAMPLES
        nudgectl checkout --id c-1001 --email ann@example.com --item Mug:2:12.50
        nudgectl why c-1001
        nudgectl order --id o-7 --checkout c-1001
        nudgectl import events.ndjson
        nudgectl --json status | jq .next_due_at

      EXIT STATUS
        0   done
        64  the command line is wrong
        65  the daemon refused the data
        66  an input file cannot be read
        69  no daemon at the socket
        75  try again later
        1   anything else
      """,
    version: "nudgectl \(Version.current)",
    groupedSubcommands: [
      CommandGroup(name: "Events", subcommands: [CheckoutVerb.self, OrderVerb.self, ImportVerb.self]),
      CommandGroup(
        name: "Questions",
        subcommands: [
          StatusVerb.self, ListVerb.self, ShowVerb.self, WhyVerb.self, PreviewVerb.self, CheckVerb.self,
        ]),
      CommandGroup(
        name: "Interventions",
        subcommands: [
          DeadVerb.self, TestSendVerb.self, PauseVerb.self, ResumeVerb.self, ClockVerb.self, BackupVerb.self,
          RestoredVerb.self,
        ]),
    ])

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
}

/// Where the daemon is, and how it answers. They may stand before the verb or after it.
struct DaemonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The daemon's socket. (default: $NUDGED_SOCKET, else \(DaemonOptions.standardSocket))", valueName: "path"),
    completion: .file())
  var socket: String?

  @Flag(help: "Print the daemon's answer as it came.")
  var json = false

  static let standardSocket = "/run/nudged/nudged.sock"

  /// These options, with those that stood before the verb for what was not said here.
  func after(_ earlier: DaemonOptions) -> DaemonOptions {
    var options = self
    options.socket = socket ?? earlier.socket
    options.json = json || earlier.json
    return options
  }

  var path: String {
    if let socket { return socket }
    let fromEnvironment = ProcessInfo.processInfo.environment["NUDGED_SOCKET"] ?? ""
    return fromEnvironment.isEmpty ? Self.standardSocket : fromEnvironment
  }
}

/// The program nudgectl, from its arguments to its exit code.
package enum NudgectlProgram {
  /// What it is called. A link of that name to nudged runs it as well: that is how it is installed.
  package static let name = "nudgectl"

  package static func main() async {
    do {
      var command = try Nudgectl.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let failure as Failure {
      failure.report()
      exit(failure.exit.rawValue)
    } catch {
      Nudgectl.exit(withError: error)
    }
  }
}
