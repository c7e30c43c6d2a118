import Foundation
import SimulationModel
import Synchronization

/// Lives through many seeds in processes of one thread each, shows how far it is, and says what came of it.
final class Runner: Sendable {
  private struct State {
    var coverage = Coverage()
    var failures: [Outcome] = []
    var shownAt = Date.distantPast
  }

  private let arguments: Arguments
  private let total: Int
  private let began = Date()
  private let state = Mutex(State())

  init(_ arguments: Arguments, kept: [UInt64]) {
    self.arguments = arguments
    total = kept.count + arguments.seeds.count
  }

  /// The exit code: 0 if no promise was broken.
  func run() throws -> Int32 {
    let workers = try (0..<arguments.jobs).map { try Worker($0, arguments, self) }
    for worker in workers { worker.wait() }
    if isatty(STDERR_FILENO) != 0 { tell("\r\u{1B}[K") }
    let (coverage, failures) = state.withLock { ($0.coverage, $0.failures) }
    print(coverage.text)
    let seconds = max(Date().timeIntervalSince(began), 0.001)
    print(
      "\(Int(seconds)) s, \(String(format: "%.1f", Double(coverage.runs) / seconds)) runs/s, \(failures.count) failed")
    for (rule, count) in rules(failures) { print("  \(count) times \(rule)") }
    for failure in failures.sorted(by: { $0.seed < $1.seed }).prefix(20) { report(failure) }
    return failures.isEmpty && coverage.runs == total ? 0 : 1
  }

  func heard(_ outcome: Outcome) {
    let line = state.withLock { state -> String? in
      state.coverage.add(outcome)
      if !outcome.problems.isEmpty { state.failures.append(outcome) }
      return progress(&state)
    }
    if let line { tell(line) }
  }

  /// What was broken how often.
  private func rules(_ failures: [Outcome]) -> [(String, Int)] {
    let words = failures.flatMap { Set($0.problems.map { String($0.prefix { $0 != " " }) }) }
    return Dictionary(grouping: words) { $0 }.mapValues(\.count).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private func report(_ failure: Outcome) {
    print("seed \(failure.seed):")
    for problem in failure.problems.prefix(5) { print("  \(problem)") }
    print("  replay: .build/release/nudge-simulate --seed \(failure.seed) --verbose")
  }

  /// How far it is, now and then: on a terminal one line that changes, else a line now and then.
  private func progress(_ state: inout State) -> String? {
    let isTerminal = isatty(STDERR_FILENO) != 0
    let now = Date()
    guard now.timeIntervalSince(state.shownAt) >= (isTerminal ? 0.2 : 20) else { return nil }
    state.shownAt = now
    let (runs, seconds) = (state.coverage.runs, max(now.timeIntervalSince(began), 0.001))
    let rate = Double(runs) / seconds
    let left = rate > 0 ? Int(Double(total - runs) / rate) : 0
    let width = 30
    let filled = total > 0 ? width * runs / total : width
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    let text =
      "\(bar) \(runs)/\(total)  \(String(format: "%.0f", rate)) runs/s  \(left) s left  \(state.failures.count) failed"
    return isTerminal ? "\r\u{1B}[K" + text : text + "\n"
  }

  private func tell(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// A process that lives through its share of the seeds.
private final class Worker: Sendable {
  private let process: Process
  private let done = DispatchSemaphore(value: 0)

  init(_ number: UInt64, _ arguments: Arguments, _ runner: Runner) throws {
    let process = Process()
    process.executableURL = URL(filePath: CommandLine.arguments[0])
    process.arguments =
      ["--worker", String(number), "--jobs", String(arguments.jobs)]
      + ["--seeds", "\(arguments.seeds.lowerBound)..\(arguments.seeds.upperBound)"]
      + (arguments.kept.map { ["--kept", $0] } ?? [])
    let pipe = Pipe()
    process.standardOutput = pipe
    let done = done
    let output = pipe.fileHandleForReading.fileDescriptor
    let reading = Thread { [pipe] in
      Self.read(output, runner)
      withExtendedLifetime(pipe) {}
      done.signal()
    }
    try process.run()
    self.process = process
    reading.start()
  }

  func wait() {
    done.wait()
    process.waitUntilExit()
  }

  /// Each line is a seed that begins, or what one came to. One that begins and comes to nothing took the process down.
  private static func read(_ descriptor: Int32, _ runner: Runner) {
    guard let file = fdopen(dup(descriptor), "r") else { return }
    defer { fclose(file) }
    var begun: UInt64?
    while let line = readLine(from: file) {
      if let seed = UInt64(line) {
        begun = seed
      } else if let outcome = try? JSONDecoder().decode(Outcome.self, from: Data(line.utf8)) {
        begun = nil
        runner.heard(outcome)
      }
    }
    guard let begun else { return }
    runner.heard(Outcome(seed: begun, hash: nil, problems: ["the process broke down"], counts: [:]))
  }
}

/// The next line of a file without its end; nil when there is none.
private func readLine(from file: UnsafeMutablePointer<FILE>) -> String? {
  var line: UnsafeMutablePointer<CChar>?
  var room = 0
  defer { free(line) }
  guard getline(&line, &room, file) > 0, let line else { return nil }
  return String(cString: line).trimmingCharacters(in: .newlines)
}
