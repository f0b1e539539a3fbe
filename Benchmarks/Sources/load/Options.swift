/// What the command line asks for.
struct Options {
  enum Mode: String, CaseIterable {
    case ingest, single, decide, freshness
  }

  static let usage = """
    usage: load MODE --url http://127.0.0.1:PORT --key KEY [options]

    modes
      ingest      batches of 1 KB track calls to /v1/batch (--batch 100)
      single      single track calls to /v1/track
      decide      decisions over given candidates (--candidates 100; 0 lets the engine find its own)
      freshness   a purchase by one client, then a decision for the same person by another

    options
      --rate R          requests a second on a fixed schedule, or `max`: as fast as answers come (default 100);
                        for ingest events a second
      --connections C   keep-alive connections; pairs of clients for freshness (default 64, 4)
      --seconds S       length of the measured part (default 10)
      --warmup S        length of the part before it (default 2)
      --batch B  --candidates N  --items I (default 10000)  --users U (default 50000)  --seed N
      --placement P     what `decide` asks for (default home; `twenty` needs the server's --definitions Benchmarks/definitions)
      --no-prepare      the catalogue and some history are there already
      --json            one JSON object instead of a table

    The key needs the scopes collect and decide, and admin for the preparation. Latency counts from the time when a request
    was scheduled to leave, not from when it could leave.
    """

  let mode: Mode
  private(set) var url = ""
  private(set) var key = ""
  /// Requests a second (events for `ingest`); nil for as fast as answers come.
  private(set) var rate: Double? = 100
  private(set) var connections: Int?
  private(set) var seconds = 10.0
  private(set) var warmup = 2.0
  private(set) var batch = 100
  private(set) var candidates = 100
  private(set) var placement = "home"
  private(set) var items = 10_000
  private(set) var users = 50_000
  private(set) var seed: UInt64 = 1
  private(set) var prepares = true
  private(set) var isJSON = false

  init(_ arguments: [String]) throws {
    guard let name = arguments.first, let mode = Mode(rawValue: name) else { throw LoadFailure(Self.usage) }
    self.mode = mode
    var rest = arguments.dropFirst()
    while let option = rest.popFirst() {
      switch option {
      case "--no-prepare": prepares = false
      case "--json": isJSON = true
      default:
        guard let value = rest.popFirst() else { throw LoadFailure("\(option) needs a value\n\n\(Self.usage)") }
        try set(option, value)
      }
    }
    guard !url.isEmpty, !key.isEmpty else { throw LoadFailure("--url and --key are needed\n\n\(Self.usage)") }
  }

  private mutating func set(_ option: String, _ value: String) throws {
    func number<Number: LosslessStringConvertible & Comparable>(_ least: Number) throws -> Number {
      guard let number = Number(value), number >= least else {
        throw LoadFailure("\(option) is \(value), expected a number of at least \(least)")
      }
      return number
    }
    switch option {
    case "--url": url = value
    case "--key": key = value
    case "--rate": rate = value == "max" ? nil : try number(0.001)
    case "--connections": connections = try number(1)
    case "--seconds": seconds = try number(0.1)
    case "--warmup": warmup = try number(0)
    case "--batch": batch = try number(1)
    case "--candidates": candidates = try number(0)
    case "--placement": placement = value
    case "--items": items = try number(1)
    case "--users": users = try number(1)
    case "--seed": seed = try number(0)
    default: throw LoadFailure("there is no option \(option)\n\n\(Self.usage)")
    }
  }
}
