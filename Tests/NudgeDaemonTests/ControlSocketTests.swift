import Foundation
import NudgeDaemon
import TestKit
import Testing

/// Serialised, because the umask is the process's.
@Suite("The control socket", .serialized)
struct ControlSocketTests {
  @Test("owner and group may connect, nobody else, whatever the umask", arguments: [0o000, 0o022, 0o077] as [mode_t])
  func hasMode(mask: mode_t) async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "s").path
      let before = umask(mask)
      let made = Result { try ControlSocket.listening(at: path) }
      umask(before)
      let socket = try made.get()
      defer { close(socket.descriptor) }
      var status = stat()
      #expect(stat(path, &status) == 0)
      #expect(status.st_mode == S_IFSOCK | 0o660)
      #expect(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0)
      _ = try RawConnection(to: path)
    }
  }

  @Test("the group that the configuration names gets the socket; an unknown one is an error")
  func hasGroup() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "s").path
      #expect(throws: ControlSocketError.unknownGroup("no-such-group")) {
        try ControlSocket.listening(at: path, group: "no-such-group")
      }
      let mine = String(cString: getgrgid(getgid()).pointee.gr_name)
      let socket = try ControlSocket.listening(at: path, group: mine)
      defer { close(socket.descriptor) }
      var status = stat()
      #expect(stat(path, &status) == 0)
      #expect(status.st_gid == getgid())
      #expect(status.st_mode & 0o777 == 0o660)
    }
  }

  @Test("a socket that nobody answers on is replaced, one that is served is not")
  func replacesStale() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "s").path
      let first = try ControlSocket.listening(at: path)
      #expect(throws: ControlSocketError.alreadyServed(path: path)) { try ControlSocket.listening(at: path) }
      close(first.descriptor)
      let second = try ControlSocket.listening(at: path)
      defer { close(second.descriptor) }
      _ = try RawConnection(to: path)
      first.unlink()
      _ = try RawConnection(to: path)  // it was not the first one's any more
      second.unlink()
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test("what is not a socket is left alone", arguments: ["file", "folder", "link"])
  func keepsOthers(kind: String) async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "s").path
      switch kind {
      case "file": try Data("precious".utf8).write(to: URL(filePath: path))
      case "folder": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      default: try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/null")
      }
      #expect(throws: ControlSocketError.notASocket(path: path)) { try ControlSocket.listening(at: path) }
      #expect((try? FileManager.default.attributesOfItem(atPath: path)) != nil)
    }
  }

  @Test("a path that the kernel does not take is an error that says how long it may be")
  func refusesLongPath() {
    let path = "/tmp/" + String(repeating: "x", count: 103)
    #expect(throws: ControlSocketError.pathTooLong(path: path, bytes: 108, limit: 107)) {
      try ControlSocket.listening(at: path)
    }
    #expect(throws: ControlSocketError.failed("/no/such/folder/s", "bind", ENOENT)) {
      try ControlSocket.listening(at: "/no/such/folder/s")
    }
  }

  // MARK: systemd

  private static let mine = ["LISTEN_FDS": "1", "LISTEN_PID": "\(getpid())"]

  @Test("systemd's socket is taken over, kept from other programs, and its file left to systemd")
  func isActivated() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "s").path
      let theirs = try ControlSocket.listening(at: path)
      defer { close(theirs.descriptor) }
      _ = fcntl(theirs.descriptor, F_SETFD, 0)
      let socket = try #require(try ControlSocket.activated(environment: Self.mine, first: theirs.descriptor))
      #expect(socket.descriptor == theirs.descriptor)
      #expect(socket.path == path)
      #expect(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0)
      socket.unlink()
      #expect(FileManager.default.fileExists(atPath: path))
    }
  }

  @Test(
    "sockets for another process, or none, are not ours",
    arguments: [[:], ["LISTEN_FDS": "1", "LISTEN_PID": "1"], ["LISTEN_FDS": "1"], ["LISTEN_PID": "\(getpid())"]])
  func isNotActivated(environment: [String: String]) throws {
    #expect(try ControlSocket.activated(environment: environment) == nil)
  }

  @Test("anything but one listening Unix stream socket is refused")
  func refusesBadActivation() async throws {
    var pair: [Int32] = [0, 0]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
    let datagram = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    let internet = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let file = open("/dev/null", O_RDONLY)
    defer { for descriptor in pair + [datagram, internet, file] { close(descriptor) } }
    for descriptor in [pair[0], datagram, internet, file] {
      #expect(throws: ControlSocketError.self) {
        try ControlSocket.activated(environment: Self.mine, first: descriptor)
      }
    }
    #expect(throws: ControlSocketError.badActivation("LISTEN_FDS is 2, not 1.")) {
      try ControlSocket.activated(environment: Self.mine.merging(["LISTEN_FDS": "2"]) { $1 })
    }
  }
}
