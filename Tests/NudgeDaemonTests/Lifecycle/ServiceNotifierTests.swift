import Foundation
import TestKit
import Testing

@testable import NudgeDaemon

@Suite("Service notifier") struct ServiceNotifierTests {
  /// Listens at `address` and prints each datagram, its lines joined by bars.
  private static let listener = """
    import socket, sys
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    a = sys.argv[1]
    s.bind("\\0" + a[1:] if a[0] == "@" else a)
    print("bound", flush=True)
    for _ in range(int(sys.argv[2])):
        print(s.recv(4096).decode().replace("\\n", "|"), flush=True)
    """

  @Test("datagrams arrive at a path and at an abstract name", arguments: ["path", "abstract"])
  func arrive(kind: String) async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "notify").path
      let address = kind == "path" ? path : "@\(folder.lastPathComponent)"
      let listener = try Program(Repository.python, ["-c", Self.listener, address, "5"])
      _ = try await listener.line(containing: "bound")
      let notifier = ServiceNotifier(address: address)
      notifier.notify(.ready(status: "Takes events"))
      notifier.notify(.reloading(monotonicMicroseconds: 12))
      notifier.notify(.watchdog)
      notifier.notify(.watchdogLimit(.seconds(600)))
      notifier.notify(.stopping(status: "Waits"))
      let lines = await listener.end().text.split(separator: "\n").map(String.init)
      #expect(
        lines == [
          "bound", "READY=1|STATUS=Takes events", "RELOADING=1|MONOTONIC_USEC=12", "WATCHDOG=1",
          "WATCHDOG_USEC=600000000", "STOPPING=1|STATUS=Waits",
        ])
    }
  }

  @Test("without a manager, or with a bad address, nothing happens", arguments: [nil, "", "@", "relative", "/no/such"])
  func nobody(address: String?) {
    ServiceNotifier(address: address).notify(.status("x"))
  }
}
