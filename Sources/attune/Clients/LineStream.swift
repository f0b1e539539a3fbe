import Foundation
import FoundationNetworking
import Synchronization

/// The lines of an answer that goes on, as they arrive.
final class LineStream: NSObject, URLSessionDataDelegate, Sendable {
  private struct State {
    var rest: [UInt8] = []
    var status = 0
    var refusal: [UInt8] = []
  }

  private let continuation: AsyncThrowingStream<String, any Error>.Continuation
  private let state = Mutex(State())

  private init(_ continuation: AsyncThrowingStream<String, any Error>.Continuation) { self.continuation = continuation }

  /// Opens the stream; it fails with `CommandFailure` when the server refuses or cannot be reached.
  static func lines(of request: URLRequest) -> AsyncThrowingStream<String, any Error> {
    AsyncThrowingStream { continuation in
      let configuration = URLSessionConfiguration.ephemeral
      configuration.timeoutIntervalForRequest = 7 * 86_400
      let session = URLSession(
        configuration: configuration, delegate: LineStream(continuation), delegateQueue: nil)
      let task = session.dataTask(with: request)
      continuation.onTermination = { reason in
        // Cancelling a task that is finishing may wait for itself (seen in Foundation's URLSession on Linux).
        if case .cancelled = reason { session.invalidateAndCancel() } else { session.finishTasksAndInvalidate() }
      }
      task.resume()
    }
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    let status = (response as? HTTPURLResponse)?.statusCode ?? 0
    state.withLock { $0.status = status }
    completionHandler(.allow)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let lines = state.withLock { state -> [String] in
      guard state.status == 200 else {
        state.refusal += data
        return []
      }
      state.rest += data
      guard let end = state.rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
      defer { state.rest.removeSubrange(...end) }
      return state.rest[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
    }
    for line in lines { continuation.yield(line) }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    let (status, refusal) = state.withLock { ($0.status, $0.refusal) }
    if let error {
      continuation.finish(throwing: CommandFailure("the connection ended: \(error.localizedDescription)"))
    } else if status == 200 {
      continuation.finish()
    } else {
      continuation.finish(throwing: APIClient.failure(.init(status: status, body: refusal, retryAfter: nil)))
    }
  }
}
