import Foundation
import NudgeAPI
import Synchronization
import TestKit
import Testing

/// A folder with a nudged that comes and goes, and the witness beside it.
final class Scene: Sendable {
  enum Mail: Sendable {
    case ses
    case smtp
    case maildir
  }

  let folder: URL
  let witness: Witness
  private let programs = Mutex<[Program]>([])

  var state: String { folder.appending(path: "state").path }
  var database: String { "\(state)/nudged.db" }
  var outbox: String { "\(state)/outbox" }
  private var socket: String { folder.appending(path: "n.sock").path }
  private var configuration: String { folder.appending(path: "nudged.yaml").path }

  /// - Parameter clock: what the configuration says of the clock.
  init(in folder: URL, mail: Mail, schedule: String, clock: String = "{}") async throws {
    self.folder = folder
    witness = try await Witness.start(in: folder)
    remember(witness.program)
    let sender =
      switch mail {
      case .ses: #"{ transport: ses, rate: 0, ses: { region: eu-west-1, endpoint: "\#(witness.endpoint)" } }"#
      case .smtp: "{ transport: smtp, rate: 0, smtp: { host: 127.0.0.1, port: \(witness.smtpPort) } }"
      case .maildir: "{ transport: maildir, rate: 0 }"
      }
    let yaml = """
      sender: \(sender)
      retry: { attempts: 12, first: 100ms, longest: 500ms }
      shops: { default: { from: cart@shop.example, schedule: [\(schedule)], order_message: always } }
      clock: \(clock)
      """
    try yaml.write(toFile: configuration, atomically: true, encoding: .utf8)
  }

  /// Starts nudged, under another program if `words` name one that becomes it.
  func start(under words: [String] = [], environment: [String: String] = [:]) throws -> Program {
    let nudged = [
      Repository.program("nudged").path, "--config", configuration, "--state", state, "--socket", socket,
    ]
    let keys = ["AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "NUDGED_LOG": "notice"]
    return try start(words + nudged, environment: keys.merging(environment) { $1 })
  }

  /// The same, and waits until it is ready.
  func ready(under words: [String] = [], environment: [String: String] = [:]) async throws -> Program {
    let nudged = try start(under: words, environment: environment)
    _ = try await nudged.line(containing: "nudged is ready")
    return nudged
  }

  func status() async throws -> StatusReply {
    try StatusReply(json: JSON(parsing: try await ask(.get, "/status")))
  }

  /// Sends checkouts nearly as large as can be, each another one, of so many bytes together. Returns how many they were.
  @discardableResult
  func sendLarge(bytes: Int) async throws -> Int {
    let text = String(repeating: "tea ", count: 240_000)
    let count = bytes / text.utf8.count + 1
    let left = Atomic(count)
    let events = AsyncStream(unfolding: { () -> [UInt8]? in
      guard left.subtract(1, ordering: .relaxed).oldValue > 0 else { return nil }
      let id = UUID().uuidString
      let names = #""checkout_id": "\#(id)", "email": "\#(id)@shop.example""#
      return Array(#"{"type": "checkout", \#(names), "metadata": {"x": "\#(text)"}}\#n"#.utf8)
    })
    let client = Client(socket: socket)
    let result: Result<Reply, any Error>
    do { result = .success(try await client.events(events)) } catch { result = .failure(error) }
    await client.shutdown()
    let reply = try EventsReply(json: JSON(parsing: try result.get().bytes))
    #expect(reply.accepted == count && reply.rejected.isEmpty)
    return count * text.utf8.count
  }

  /// What `nudgectl` says to that.
  func control(_ words: String...) async throws -> Program.Result {
    try await start([Repository.program("nudgectl").path, "--socket", socket] + words).end()
  }

  /// Starts any program; it ends with the scene at the latest.
  func start(_ words: [String], environment: [String: String] = [:], input: String? = nil) throws -> Program {
    let program = try Program(
      URL(filePath: "/usr/bin/env"), words, environment: environment, input: input.map { Data($0.utf8) })
    remember(program)
    return program
  }

  /// Asks nudged; returns the status, also of a problem.
  @discardableResult
  func ask(_ method: Client.Method, _ path: String, _ body: String? = nil) async throws -> String {
    let client = Client(socket: socket)
    let result: Result<Reply, any Error>
    do { result = .success(try await client.send(method, path, body: body.map { Array($0.utf8) })) } catch {
      result = .failure(error)
    }
    await client.shutdown()
    return String(decoding: try result.get().bytes, as: UTF8.self)
  }

  /// Lets the shop come to its end and nudged send all that is left, then ends nudged.
  @discardableResult
  func finish(_ nudged: Program) async throws -> Program.Result {
    try await witness.tell("close")
    try await witness.tell("drained")
    nudged.signal(SIGTERM)
    let end = await nudged.end()
    #expect(end.status == 0, "\(end.errorText)")
    return end
  }

  private func remember(_ program: Program) { programs.withLock { $0.append(program) } }

  func end() async {
    for program in programs.withLock({ $0 }) {
      program.signal(SIGKILL)  // one that has ended and was waited for is nobody any more: `signal` knows
      await program.end()
    }
  }
}

func withScene(
  mail: Scene.Mail = .ses, schedule: String = "300ms, 900ms", clock: String = "{}",
  isolation: isolated (any Actor)? = #isolation,
  _ body: (Scene) async throws -> Void
) async throws {
  try await withTemporaryFolder { folder in
    let scene = try await Scene(in: folder, mail: mail, schedule: schedule, clock: clock)
    let result: Result<Void, any Error>
    do { result = .success(try await body(scene)) } catch { result = .failure(error) }
    await scene.end()
    try result.get()
  }
}

/// What this machine can do to a process, and how much of it is asked for.
enum Means {
  private static let environment = ProcessInfo.processInfo.environment
  /// Where nothing may be left out.
  private static let areRequired = environment["NUDGED_REQUIRE_DISASTERS"] != nil

  /// How often nudged is killed. With this set, the long tests run, too.
  static let kills = environment["NUDGED_KILLS"].flatMap { Int($0) }
  static let isLong = kills != nil
  static let seed = environment["NUDGED_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...1_000_000)

  /// Whether some gigabytes may pass through temporary files.
  static var hasRoom: Bool {
    let free = try? FileManager.default.attributesOfFileSystem(forPath: "/tmp")[.systemFreeSize] as? Int
    return (free ?? 0) >= 4 << 30
  }

  static let traces = areRequired || succeeds("strace -D -f -qq -o /dev/null -e trace=fsync true")
  static let mounts = areRequired || succeeds("unshare -m --propagation private mount -t tmpfs tmpfs /mnt")
  static let fakeTime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
  static let fakesTime = areRequired || FileManager.default.fileExists(atPath: fakeTime)

  /// What a program sees under these words: a machine that has run as long as this one, and has slept besides.
  static let slept = ["unshare", "--time", "--boottime", "\(Int(sleptSeconds))", "--fork", "--kill-child"]
  static let sleptSeconds = 1_000_000.0
  static let sleeps = succeeds("\(slept.joined(separator: " ")) true")

  private static func succeeds(_ command: String) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "\(command) >/dev/null 2>&1"]
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}

/// SplitMix64: the same seed throws the same dice.
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
