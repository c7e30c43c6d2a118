import Foundation

/// The Unix socket that the control server listens on: one that nudged made itself, or one that systemd handed over.
package struct ControlSocket: Sendable {
  /// The bits of the socket file: its owner and its group may connect, nobody else.
  static let permissions: mode_t = 0o660
  /// The longest path that the kernel takes, in bytes; one more is for the terminating zero.
  package static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
  /// How many connections wait in the kernel for nudged to take them.
  static let backlog: Int32 = 1_024
  /// Where systemd's sockets begin.
  package static let firstActivated: Int32 = 3

  /// Who made the socket file, and so who removes it.
  enum Origin: Hashable, Sendable {
    case own(FileIdentity)
    case activated
  }

  /// Which file it is. Numbers of removed files come again at once, so the time of making is part of it.
  struct FileIdentity: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
    var seconds: Int
    var nanoseconds: Int

    init(_ status: stat) {
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
      seconds = Int(status.st_mtim.tv_sec)
      nanoseconds = Int(status.st_mtim.tv_nsec)
    }
  }

  /// Listening. Whoever serves it closes it.
  package let descriptor: Int32
  package let path: String
  let origin: Origin

  /// Creates the socket at `path`, mode 0660 before anybody can connect.
  ///
  /// A file that is already there is removed only if it is a socket on which nobody answers.
  /// - Parameter group: the name of the group that may connect; nil leaves the one of the process or the folder.
  package static func listening(at path: String, group: String? = nil) throws(ControlSocketError) -> ControlSocket {
    guard path.utf8.count <= longestPath else {
      throw .pathTooLong(path: path, bytes: path.utf8.count, limit: longestPath)
    }
    let groupID = try group.map { (name) throws(ControlSocketError) in try identifier(ofGroup: name) }
    try removeStaleSocket(at: path)
    let descriptor = try makeDescriptor(for: path)
    do throws(ControlSocketError) {
      try bind(descriptor, to: path, groupID: groupID)
      guard let status = try fileStatus(of: path) else { throw .failed(path, "bind", ENOENT) }
      guard listen(descriptor, backlog) == 0 else { throw .failed(path, "listen on", errno) }
      return ControlSocket(descriptor: descriptor, path: path, origin: .own(FileIdentity(status)))
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// Removes the socket file, if nudged made it and it is still that one. A client that comes later finds nobody.
  package func unlink() {
    // A file that cannot be looked at is left, and found stale by the next start.
    guard case .own(let mine) = origin, let status = try? Self.fileStatus(of: path) else { return }
    guard FileIdentity(status) == mine else { return }
    _ = Foundation.unlink(path)
  }

  // MARK: Steps

  private static func makeDescriptor(for path: String) throws(ControlSocketError) -> Int32 {
    let descriptor = socket(AF_UNIX, streamType | cloexec, 0)
    guard descriptor >= 0 else { throw .failed(path, "create", errno) }
    // The kernel gives the file the mode of the descriptor less the umask: it is never open to more than these.
    guard fchmod(descriptor, permissions) == 0 else {
      defer { close(descriptor) }
      throw .failed(path, "set the permissions of", errno)
    }
    return descriptor
  }

  /// Nobody can connect before `listen`, so what is set here is set from the start.
  private static func bind(_ descriptor: Int32, to path: String, groupID: gid_t?) throws(ControlSocketError) {
    let bound = withAddress(of: path) { Foundation.bind(descriptor, $0, $1) }
    guard bound == 0 else { throw .failed(path, "bind", errno) }
    if let groupID, chown(path, uid_t.max, groupID) != 0 { throw .failed(path, "set the group of", errno) }
    guard chmod(path, permissions) == 0 else { throw .failed(path, "set the permissions of", errno) }
  }

  private static func removeStaleSocket(at path: String) throws(ControlSocketError) {
    guard let status = try fileStatus(of: path) else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
    let probe = socket(AF_UNIX, streamType | cloexec | nonblocking, 0)
    guard probe >= 0 else { throw .failed(path, "look at", errno) }
    defer { close(probe) }
    let connected = withAddress(of: path) { connect(probe, $0, $1) }
    // EAGAIN: somebody listens there whose queue is full.
    if connected == 0 || errno == EAGAIN { throw .alreadyServed(path: path) }
    guard errno == ECONNREFUSED else { throw .failed(path, "look at", errno) }
    guard Foundation.unlink(path) == 0 || errno == ENOENT else { throw .failed(path, "remove the stale", errno) }
  }

  /// Nil if there is no such file.
  private static func fileStatus(of path: String) throws(ControlSocketError) -> stat? {
    var status = stat()
    if lstat(path, &status) == 0 { return status }
    guard errno == ENOENT else { throw .failed(path, "look at", errno) }
    return nil
  }

  private static func identifier(ofGroup name: String) throws(ControlSocketError) -> gid_t {
    guard let group = getgrnam(name) else { throw .unknownGroup(name) }
    return group.pointee.gr_gid
  }

  private static func withAddress<T>(of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }

  private static let streamType = Int32(SOCK_STREAM.rawValue)
  private static let cloexec = Int32(SOCK_CLOEXEC.rawValue)
  private static let nonblocking = Int32(SOCK_NONBLOCK.rawValue)
}
