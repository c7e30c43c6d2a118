import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import NudgeDaemon

@Suite("The event loops of clients, when very much is there at once")
struct LooksTests {
  @Test("however much there is to do, a loop hears who speaks now after two groups of it at most")
  func looks() async throws {
    let loops = ClientLoops(threads: 1)
    let loop = loops.group.next()
    let count = Count()
    let (clients, turns) = (10, 1_000)
    let speaker = try await Speaker.connected(on: loop) { count.now }
    let held = HeldLoop(loop)
    await withTaskGroup { group in
      for _ in 0..<clients {
        group.addTask {
          for _ in 0..<turns {
            await loops.looks.turn(on: loop)
            count.add()
          }
        }
      }
      while loops.looks.waiting < clients && count.now <= Looks.group { await Task.yield() }
      #expect(count.now == Looks.group, "the loop is held, and nobody else may begin")
      speaker.speak()
      held.letGo()
    }
    #expect(count.now == clients * turns, "all have had their turns")
    #expect(try await speaker.heardAt.get() <= 2 * Looks.group)
    try await speaker.leave()
    try await loops.group.shutdownGracefully()
  }

  @Test("requests that are there already are answered in groups, and the loop looks at all clients in between")
  func answersInGroups() async throws {
    let loops = ClientLoops(threads: 1)
    try await withControl(loops: loops) { control in
      let (reached, goOn) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
      control.daemon.set {
        $0.duringCheck = {
          reached.continuation.yield()
          for await _ in goOn.stream { return }
        }
      }
      let client = try control.connection()
      let others = 99
      await client.send(
        "POST /check HTTP/1.1\r\nHost: n\r\n\r\n"
          + String(repeating: "GET /nowhere HTTP/1.1\r\nHost: n\r\n\r\n", count: others))
      for await _ in reached.stream { break }
      let held = HeldLoop(loops.group.next())
      goOn.continuation.yield()
      let most = 1 + Looks.group
      while loops.looks.waiting == 0 && control.engine.answered <= most { await Task.yield() }
      // The turn of the check itself may count among those since the last look.
      #expect((most - 1...most).contains(control.engine.answered))
      held.letGo()
      #expect(try await client.answer().status == 200)
      for _ in 0..<others { #expect(try await client.answer().status == 404) }
    }
    try await loops.group.shutdownGracefully()
  }

  @Test("what is behind the request of a client that is gone is not let in, and nothing that nobody asked for")
  func forgets() async throws {
    let loops = ClientLoops(threads: 1)
    let loop = loops.group.next()
    let (bytes, held) = (Count(), HeldLoop(loop))
    let (near, far) = try pair()
    let sent = 100_000
    #expect(write(far, [UInt8](repeating: 0, count: sent), sent) == sent)
    close(far)
    let connected = ClientBootstrap(group: loop)
      .channelOption(.recvAllocator, value: InboundGate.allocator)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let connection = Connection(channel)
          let reader = OnePieceReader { piece in
            bytes.add(piece)
            // Two whole requests were in it.
            connection.standing.withLock { standing in
              standing.endArrived()
              standing.endArrived()
            }
          }
          try channel.pipeline.syncOperations.addHandlers(InboundGate(loops.looks, connection), reader)
        }
      }
      .withConnectedSocket(near)
    held.letGo()
    try await connected.get().closeFuture.get()
    #expect((1...InboundGate.pieceBytes).contains(bytes.now))
    try await loops.group.shutdownGracefully()
  }
}

/// Wants one piece, and no more.
private final class OnePieceReader: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  private let hear: (Int) -> Void
  private var isDone = false

  init(_ hear: @escaping (Int) -> Void) { self.hear = hear }

  func read(context: ChannelHandlerContext) {
    if !isDone { context.read() }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    isDone = true
    hear(unwrapInboundIn(data).readableBytes)
  }
}

/// Two ends of a connection.
private func pair() throws -> (near: Int32, far: Int32) {
  var ends: [Int32] = [-1, -1]
  try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
  return (ends[0], ends[1])
}

private final class Count: Sendable {
  private let value = Atomic(0)
  var now: Int { value.load(ordering: .relaxed) }
  func add(_ more: Int = 1) { value.add(more, ordering: .relaxed) }
}

/// An event loop that does nothing until it is let go.
struct HeldLoop {
  private let semaphore = DispatchSemaphore(value: 0)

  /// Returns when the loop stands still.
  init(_ loop: any EventLoop) {
    let (stands, semaphore) = (DispatchSemaphore(value: 0), semaphore)
    loop.execute {
      stands.signal()
      semaphore.wait()
    }
    stands.wait()
  }

  func letGo() { semaphore.signal() }
}

/// A client of a loop, and what was the case when the loop heard it.
private struct Speaker {
  let heardAt: EventLoopFuture<Int>
  private let descriptor: Int32
  private let channel: any Channel

  static func connected(on loop: any EventLoop, noting: @escaping @Sendable () -> Int) async throws -> Speaker {
    let (near, far) = try pair()
    let heard = loop.makePromise(of: Int.self)
    let channel = try await ClientBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Ear { heard.succeed(noting()) })
        }
      }
      .withConnectedSocket(near).get()
    return Speaker(heardAt: heard.futureResult, descriptor: far, channel: channel)
  }

  func speak() { #expect(write(descriptor, "x", 1) == 1) }

  func leave() async throws {
    close(descriptor)
    try await channel.closeFuture.get()
  }

  private final class Ear: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let hear: () -> Void
    init(_ hear: @escaping () -> Void) { self.hear = hear }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) { hear() }
  }
}
