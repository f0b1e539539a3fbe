import Logging
import Primitives

/// One JSON object a line on standard error: `{"time", "level", "message", …}`, metadata as further members.
struct JSONLogHandler: LogHandler {
  let label: String
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  init(label: String) { self.label = label }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("time", SystemSources.now())
      writer.member("level", event.level.rawValue)
      writer.member("message", event.message.description)
      let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
      for (key, value) in all.sorted(by: { $0.key < $1.key }) { writer.member(key, "\(value)") }
    }
    Terminal().note(String(decoding: writer.bytes, as: UTF8.self))
  }
}
