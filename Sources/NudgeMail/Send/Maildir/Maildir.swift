import Glibc
import NudgeDomain

/// A folder of mails, one file each: written in `tmp`, complete once in `new`, moved to `cur` by who reads it.
struct Maildir: Hashable, Sendable {
  var path: String

  /// Only the owner reads mail.
  private static let folderMode: mode_t = 0o700
  private static let fileMode: mode_t = 0o600

  /// Makes what is missing of the folders.
  func prepare() throws(FileError) {
    let isNew = try Self.make(path)
    var isChanged = false
    for name in ["tmp", "new", "cur"] where try Self.make("\(path)/\(name)") { isChanged = true }
    if isChanged { try Self.synchronize(path) }
    if isNew { try Self.synchronize("\(path)/..") }
  }

  /// Writes the whole file in `tmp`, and waits until it is on the disk.
  func write(_ bytes: [UInt8], as name: String) throws(FileError) {
    let file = try OpenFile("\(path)/tmp/\(name)", flags: O_WRONLY | O_CREAT | O_EXCL, mode: Self.fileMode)
    try file.write(bytes)
    try file.synchronize()
  }

  /// Moves a file from `tmp` to `new`: from now on it is a mail.
  func publish(_ name: String) throws(FileError) {
    if rename("\(path)/tmp/\(name)", "\(path)/new/\(name)") != 0 {
      throw FileError("cannot move \(name) to \(path)/new")
    }
  }

  /// Returns when the name of a published file is on the disk too.
  func synchronizeNew() throws(FileError) {
    try Self.synchronize("\(path)/new")
  }

  /// Removes an unpublished file, if it is there. Readers clear what is left in `tmp`.
  func withdraw(_ name: String) {
    unlink("\(path)/tmp/\(name)")
  }

  /// True if the folder was not there before.
  private static func make(_ path: String) throws(FileError) -> Bool {
    if mkdir(path, folderMode) == 0 { return true }
    guard errno == EEXIST else { throw FileError("cannot make \(path)") }
    return false
  }

  private static func synchronize(_ folder: String) throws(FileError) {
    try OpenFile(folder, flags: O_RDONLY | O_DIRECTORY).synchronize()
  }
}

/// The name of a mail's file: the time, what is unique on this machine, the machine.
enum MaildirName {
  static func unique(at moment: Moment) -> String {
    let seconds = moment.milliseconds / 1_000
    let microseconds = moment.milliseconds % 1_000 * 1_000
    let random = String(UInt64.random(in: .min ... .max), radix: 16)
    return "\(seconds).M\(microseconds)P\(getpid())R\(random).\(host)"
  }

  private static let host = (MachineName.own ?? "localhost").replacing("/", with: "\\057").replacing(":", with: "\\072")
}
