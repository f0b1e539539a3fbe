import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives

/// One HTTP/1.1 connection without encryption that is kept open, for load whose latency is measured: a call costs a few
/// microseconds of client. Calls queue in order.
struct KeepAliveConnection: Sendable {
  struct Answer: Sendable {
    let status: Int
    let body: [UInt8]
  }

  struct Closed: Error, CustomStringConvertible {
    let description = "the server closed the connection"
  }

  private let channel: any Channel
  private let host: String
  private let authorization: String

  /// - Parameter key: Sent as a Bearer token with every call.
  static func open(host: String, port: Int, key: String, on group: any EventLoopGroup) async throws
    -> KeepAliveConnection
  {
    let channel = try await ClientBootstrap(group: group)
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHTTPClientHandlers()
          try pipeline.addHandler(NIOHTTPClientResponseAggregator(maxContentLength: 64 << 20))
          try pipeline.addHandler(CallQueue())
        }
      }
      .connect(host: host, port: port).get()
    return KeepAliveConnection(channel: channel, host: "\(host):\(port)", authorization: "Bearer \(key)")
  }

  /// Sends a call and waits for its answer.
  func send(_ method: HTTPMethod, _ path: String, json body: [UInt8] = []) async throws -> Answer {
    var head = HTTPRequestHead(version: .http1_1, method: method, uri: path)
    head.headers = ["host": host, "authorization": authorization, "content-type": "application/json"]
    head.headers.add(name: "content-length", value: String(body.count))
    let promise = channel.eventLoop.makePromise(of: Answer.self)
    let call = CallQueue.Call(head: head, body: channel.allocator.buffer(bytes: body), promise: promise)
    channel.writeAndFlush(call).cascadeFailure(to: promise)
    return try await promise.futureResult.get()
  }

  func close() async { try? await channel.close().get() }
}

/// Matches answers to calls: HTTP/1.1 answers in the order of the calls.
private final class CallQueue: ChannelDuplexHandler {
  struct Call: Sendable {
    let head: HTTPRequestHead
    let body: ByteBuffer
    let promise: EventLoopPromise<KeepAliveConnection.Answer>
  }

  typealias InboundIn = NIOHTTPClientResponseFull
  typealias OutboundIn = Call
  typealias OutboundOut = HTTPClientRequestPart

  private var waiting = CircularBuffer<EventLoopPromise<KeepAliveConnection.Answer>>()

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let call = unwrapOutboundIn(data)
    waiting.append(call.promise)
    context.write(wrapOutboundOut(.head(call.head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(call.body))), promise: nil)
    context.write(wrapOutboundOut(.end(nil)), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let response = unwrapInboundIn(data)
    let body = response.body.map { Array($0.readableBytesView) } ?? []
    waiting.popFirst()?.succeed(.init(status: Int(response.head.status.code), body: body))
  }

  func channelInactive(context: ChannelHandlerContext) { failAll(KeepAliveConnection.Closed()) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    failAll(error)
    context.close(promise: nil)
  }

  private func failAll(_ error: any Error) {
    while let promise = waiting.popFirst() { promise.fail(error) }
  }
}
