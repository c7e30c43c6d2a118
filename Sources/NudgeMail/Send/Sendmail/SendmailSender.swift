import Glibc
package import NudgeDomain
import Subprocess
import Synchronization
import SystemPackage

/// Hands letters to the machine's own mail server by running its `sendmail`.
///
/// Exit code 0 is accepted. The other codes mean something else to every mail server, so each only says: not now. A
/// program that was killed, for the timeout or by anybody else, may have done its work before: unknown.
package struct SendmailSender: Sender {
  package struct Configuration: Hashable, Sendable {
    package var path: String
    /// How long the program may take; then it is told to end, and soon killed.
    package var timeout: Duration

    package init(path: String = "/usr/sbin/sendmail", timeout: Duration = .seconds(30)) {
      self.path = path
      self.timeout = timeout
    }
  }

  private let configuration: Configuration

  package init(configuration: Configuration) {
    self.configuration = configuration
    _ = Self.ignoresBrokenPipes
  }

  /// A program that ends before it has read the mail must not take us with it.
  private static let ignoresBrokenPipes: Void = { signal(SIGPIPE, SIG_IGN) }()

  package func deliver(_ letter: Letter, mayLeave: @escaping @Sendable () -> Bool) async -> Delivery? {
    if let defect = letter.defect { return .refused(error: defect) }
    guard mayLeave() else { return nil }
    let call = SendmailCall(configuration, letter)
    return await withTaskGroup(of: Delivery?.self) { group in
      group.addTask { await call.run() }
      group.addTask {
        try? await Task.sleep(for: configuration.timeout)  // cancelled when the program has ended
        return nil
      }
      defer { group.cancelAll() }
      if let delivery = await group.next() ?? nil { return delivery }
      group.cancelAll()  // ends the program
      return await (group.next() ?? nil) ?? .unknown(error: "sendmail did not end")
    }
  }
}

/// One run of the program.
private struct SendmailCall: Sendable {
  /// What is kept of the program's complaints: bytes.
  private static let longestComplaint = 2 * 1_024
  /// How long a program that is told to end may take before it is killed.
  private static let patience = Duration.seconds(2)
  /// What the program gets of our environment. Secrets and the service manager's affairs are none of its business.
  private static let passed = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"]

  private let path: String
  private let arguments: [String]
  private let mail: [UInt8]

  init(_ configuration: SendmailSender.Configuration, _ letter: Letter) {
    path = configuration.path
    arguments = ["-i", "-f", letter.sender, "--", letter.recipient]
    mail = letter.bytesWithLineFeeds
  }

  func run() async -> Delivery {
    let group = Atomic<pid_t>(0)
    defer { if Task.isCancelled { Self.killGroup(group.load(ordering: .relaxed)) } }
    do {
      let result = try await Subprocess.run(
        .path(FilePath(path)), arguments: Arguments(arguments), environment: Self.environment,
        platformOptions: Self.options, input: .inputWriter, output: .discarded, error: .sequence
      ) { execution in
        group.store(execution.processIdentifier.value, ordering: .relaxed)
        async let isWritten = write(to: execution.standardInputWriter)
        let complaint = await Self.complaint(execution.standardError)
        return (isWritten: await isWritten, complaint: complaint)
      }
      let (isWritten, complaint) = result.closureResult
      return delivery(result.terminationStatus, isWritten: isWritten, complaint: complaint)
    } catch {
      let text = errorText("\(path): \(error)")
      return group.load(ordering: .relaxed) == 0 ? .deferred(.sender, error: text) : .unknown(error: text)
    }
  }

  private static var environment: Environment {
    var variables: [Environment.Key: String] = [:]
    for name in passed {
      if let value = getenv(name), let key = Environment.Key(rawValue: name) { variables[key] = String(cString: value) }
    }
    return .custom(variables)
  }

  /// The program leads a group of its own, so that what it starts ends with it if it has to be ended.
  private static var options: PlatformOptions {
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = [.send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: patience)]
    return options
  }

  /// Kills what the program left behind that did not heed the request to end.
  private static func killGroup(_ group: pid_t) {
    if group > 0 { kill(-group, SIGKILL) }
  }

  private func delivery(_ status: TerminationStatus, isWritten: Bool, complaint: String) -> Delivery {
    let said = complaint.isEmpty ? "" : ": \(complaint)"
    return switch status {
    case .exited(0) where isWritten: .accepted(providerID: nil)
    case .exited(0): .unknown(error: errorText("\(path) ended before it had read the mail\(said)"))
    case .exited(let code): .deferred(.message, error: errorText("\(path) exited with \(code)\(said)"))
    case .signaled(let signal): .unknown(error: errorText("\(path) was ended by signal \(signal)\(said)"))
    }
  }

  /// False if the program did not take all of it.
  private func write(to input: StandardInputWriter) async -> Bool {
    do {
      let count = try await input.write(mail)
      // An end of input would make a mail of the half that was written: leave that to the kill.
      guard !Task.isCancelled else { return false }
      try await input.finish()
      return count == mail.count
    } catch {
      return false
    }
  }

  /// The first of what the program wrote to standard error; the rest is read and forgotten, so that it can go on.
  private static func complaint(_ output: SubprocessOutputSequence) async -> String {
    var bytes: [UInt8] = []
    do {
      for try await buffer in output {
        buffer.withUnsafeBytes { bytes += $0.prefix(longestComplaint - bytes.count) }
      }
    } catch {
      // what was read so far has to do
    }
    return errorText(String(decoding: bytes, as: UTF8.self))
  }
}
