import ArgumentParser
import Foundation
import Logging
import NudgeAPI
import NudgeDaemon

/// The daemon's command line.
struct Nudged: AsyncParsableCommand {
  static let version = Version.current
  /// What others may not do with the files that nudged makes, whatever whoever started it allows.
  static let umask: mode_t = 0o027

  static let configuration = CommandConfiguration(
    commandName: "nudged", abstract: "Reminds shoppers of the checkout they left, until they order.",
    discussion: """
      Events come over a Unix socket (see nudgectl), state is kept in the state directory, mail leaves as the \
      configuration says. SIGTERM stops nudged when what is under way is done, SIGHUP makes it read its configuration \
      and templates again. NUDGED_LOG sets what is logged: debug, info (the default), notice, warning, error.
      """,
    version: version)

  @Option(help: .init("The configuration file.", discussion: "Default: \(Places.standardConfiguration), if it exists."))
  var config: String?

  @Option(help: .init("The state directory.", discussion: "Default: $STATE_DIRECTORY, else \(Places.standardState)."))
  var state: String?

  @Option(
    help: .init(
      "Where to listen.",
      discussion:
        "Default: the socket that systemd hands over, else $RUNTIME_DIRECTORY/nudged.sock, else \(Places.standardRuntime)/nudged.sock."
    ))
  var socket: String?

  @Flag(help: "Check the configuration and the templates, send nothing, exit with 0 or 78.")
  var checkConfig = false

  @Option(
    help: .init(
      "Check a backup, or a database that no daemon works on; exit with 0 or 65.", valueName: "file"))
  var checkBackup: String?

  func validate() throws {
    for (flag, value) in [
      ("--config", config), ("--state", state), ("--socket", socket), ("--check-backup", checkBackup),
    ]
    where value?.isEmpty == true {
      throw ValidationError("\(flag) needs a path.")
    }
  }

  /// As many open files as the system allows: each client is one. If it says no, fewer clients are served at a time.
  private static func raiseFileLimit() {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = limit.rlim_max
    _ = setrlimit(resource, &limit)
  }

  func run() async throws {
    Confidentiality.closeMemory()
    let given = Foundation.umask(Self.umask)
    _ = Foundation.umask(given | Self.umask)
    Self.raiseFileLimit()
    if let checkBackup { throw ExitCode(Self.report(on: checkBackup)) }
    let surroundings = surroundings(Confidentiality.takeEnvironment())
    var code = ProgramExit.done
    do throws(StartFailure) {
      if checkConfig {
        try await Daemon.checkConfiguration(surroundings)
        print("The configuration is right.")
      } else {
        code = try await Daemon.run(surroundings, signals: .listening())
      }
    } catch {
      report(error, surroundings.logger)
      code = error.exitCode
    }
    throw ExitCode(code)
  }

  /// Tells whether a file is a whole database. Returns the exit code.
  private static func report(on path: String) -> Int32 {
    do throws(Daemon.UnsoundBackup) {
      print(try Daemon.checkBackup(path))
      return ProgramExit.done
    } catch {
      FileHandle.standardError.write(Data("\(error)\n".utf8))
      return ProgramExit.refused
    }
  }

  /// A check answers the person who asked, a start that failed tells the log.
  private func report(_ failure: StartFailure, _ logger: Logger) {
    for line in failure.description.split(separator: "\n") {
      if checkConfig {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
      } else {
        logger.critical("nudged cannot start", metadata: ["problem": "\(line)"])
      }
    }
  }

  private func surroundings(_ environment: [String: String]) -> Daemon.Surroundings {
    let clock = SystemClock()
    let level = environment["NUDGED_LOG"].flatMap(Logger.Level.init(rawValue:)) ?? .info
    let style: LineLog.Style = environment["JOURNAL_STREAM"] == nil ? .plain : .journal
    let logger = Logger(label: "nudged") { _ in LineLog(style: style, level: level, clock: clock) }
    return Daemon.Surroundings(
      places: Places(config: config, state: state, socket: socket, environment: environment),
      environment: environment, version: Self.version, clock: clock, logger: logger,
      notifier: ServiceNotifier(address: environment[ServiceNotifier.variable]), abandon: { _exit($0) })
  }
}
