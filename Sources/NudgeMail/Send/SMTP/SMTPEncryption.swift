import NIOCore
import NIOSSL

/// Whether the conversation is encrypted, and who the server has to prove to be.
package struct SMTPEncryption: Sendable {
  package enum Mode: String, CaseIterable, Sendable {
    case none
    /// With STARTTLS where the server offers it, whoever it is; else without.
    case opportunistic
    /// With STARTTLS and a server that proves its name, or not at all.
    case starttls
    /// From the first byte on, with a server that proves its name: port 465.
    case implicit

    /// True if the server has to prove its name.
    package var isVerified: Bool { self == .starttls || self == .implicit }
  }

  package static let none = SMTPEncryption()

  let mode: Mode
  private let context: NIOSSLContext?
  private let serverName: String?

  private init() {
    (mode, context, serverName) = (.none, nil, nil)
  }

  /// - Parameters:
  ///   - authorities: a file of certificates, PEM, whom alone to believe; nil for those that the system believes.
  package init(_ mode: Mode, server: SMTPServer, authorities: String? = nil) throws(SMTPConfigurationError) {
    self.mode = mode
    serverName = server.name
    guard mode != .none else {
      context = nil
      return
    }
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    tls.certificateVerification = mode.isVerified ? .fullVerification : .none
    if let authorities { tls.trustRoots = .certificates(try Self.certificates(in: authorities)) }
    do {
      context = try NIOSSLContext(configuration: tls)
    } catch {
      throw SMTPConfigurationError(key: "tls", problem: "TLS cannot be had: \(error)")
    }
  }

  private static func certificates(in file: String) throws(SMTPConfigurationError) -> [NIOSSLCertificate] {
    let certificates: [NIOSSLCertificate]
    do {
      certificates = try NIOSSLCertificate.fromPEMFile(file)
    } catch {
      throw SMTPConfigurationError(key: "ca_file", problem: "\(file) cannot be read as certificates: \(error)")
    }
    guard !certificates.isEmpty else {
      throw SMTPConfigurationError(key: "ca_file", problem: "there is no certificate in \(file)")
    }
    return certificates
  }

  /// What encrypts one connection, to be used in its event loop.
  func handler() throws -> NIOSSLClientHandler? {
    try context.map { try NIOSSLClientHandler(context: $0, serverHostname: serverName) }
  }
}

/// What is wrong with a configured value, and which one.
package struct SMTPConfigurationError: Error, Hashable, CustomStringConvertible {
  /// `tls`, `ca_file` or `password_file`.
  package var key: String
  package var problem: String

  package init(key: String, problem: String) {
    self.key = key
    self.problem = problem
  }

  package var description: String { "\(key): \(problem)" }
}
