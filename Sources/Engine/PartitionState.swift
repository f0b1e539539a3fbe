import Catalog
import Decisions
import Events
import Features
import Logging
import Models
import Primitives
import Profiles

/// The fold over a partition's log: everything that decisions and readers see. A value of the owner's thread alone.
struct PartitionState: Sendable {
  /// Sections of the checkpoint. Stored: never reuse a number.
  enum Section {
    static let meta: UInt8 = 1
    static let persons: UInt8 = 2
    static let identifiers: UInt8 = 3
    static let postings: UInt8 = 4
    static let outcomes: UInt8 = 5
    static let ledger: UInt8 = 6
    static let catalog: UInt8 = 7
    static let dwell: UInt8 = 8
    static let related: UInt8 = 9
    static let cuts: UInt8 = 10
    static let erasedProfiles: UInt8 = 11
    /// The trained model's.
    static let trained: UInt8 = 15
    /// The first model's; each has one of its own, in the order of `standardModels`.
    static let models: UInt8 = 16
  }

  let store: any PartitionStore
  /// The position up to which everything is folded.
  var end = LogPosition.start
  /// The position of the last checkpoint that was written.
  var checkpointed = LogPosition.start
  /// The partition's own hash; its key stands in the log's first entry.
  var hash = StableHash(key0: 0, key1: 0)

  var ledger = MessageLedger()
  var identifiers: StateTable<IdentifierKey, IdentifierRecord>
  var persons: StateTable<ProfileID, Person>
  var postings: StateTable<PostingKey, PostingChunk>
  /// Entries that concern an identifier without being its person's events: events that named it and were refused it, and
  /// decisions that were asked for under it.
  var related: StateTable<IdentifierKey, PostingList>
  /// Entries that were folded before others of lower positions, as a training table folds imported history; not saved.
  var outOfOrder: [IdentifierKey: [LogPosition]] = [:]
  /// Pairs of identifiers that were cut apart.
  var cuts: StateTable<IdentifierKey, Cut>
  /// Where the proof of a profile's erasure stands, by the digest of the profile's id.
  var erasedProfiles: StateTable<IdentifierKey, ErasedProfile>
  /// Where the proofs of erasures stand.
  var erasurePositions: [LogPosition] = []
  /// Where unmerges stand that name identifiers in clear, or did.
  var unmergePositions: [LogPosition] = []
  /// Events that could not be read when they were folded, so that no postings lead to them.
  var unreadPositions: [LogPosition] = []
  /// Cuts count that were known by then; later than all but when the past is asked for.
  var knownUntil = Timestamp(microseconds: .max)
  /// Where the definitions stand that came into force.
  var definitionPositions: [LogPosition] = []
  var outcomes: StateTable<DecisionID, DecisionOutcomes>
  var catalog = ItemCatalog()
  var dwell = ItemDwell()
  /// What features read of items; derived from the catalogue, not saved.
  var itemFacts = ItemFactsTable()
  /// The fresh ones in the order of `standardModels`, then the trained one that is in force, if any.
  var models: [any CandidateModel] = Self.standardModels
  var registry = ModelRegistry()
  var cohorts = CohortRegistry()
  /// Places people by the cohorts in force; derived, not saved.
  var placing: CohortPlacing?
  /// Why models that should serve cannot, by version.
  var modelFaults: [Int: String] = [:]
  /// Trainings of predictions, and the models that answer, by name.
  var predictionRegistry = PredictionRegistry()
  var predictors: [String: Predictor] = [:]
  /// Why models of predictions that should serve cannot, by version.
  var predictionFaults: [Int: String] = [:]
  /// Keys of records that models of before left in the store.
  var leftNewcomers: Set<[UInt8]> = []
  var definitions = DefinitionSet.builtIn
  var active = ActiveSet.builtIn
  /// Slots of features that have seen every event of the log.
  var wholeSlots = ActiveSet.builtIn.features.slots
  /// Features to fold with whatever the log brings into force; nil but while the log is folded again.
  var pinnedFeatures: FeatureSet?
  var letters = LetterIndex()
  var counts = PartitionCounts()
  /// Teaches models beside the fold.
  let teacher: ModelTeacher
  /// Whether the teacher has the models.
  var isTeachingApart = false
  /// Acts that the teacher was not given yet.
  var lessons: [Lesson] = []
  /// Decisions since the last commit, by person: in the log they stand before all that is decided now.
  var unfolded: [ProfileID: [DecisionRecord]] = [:]
  /// What of the saved state is still to be brought into memory.
  var warmUp: WarmUp?
  /// Whether an entry could not be folded. Such a state is never saved, so that the next start folds the entry again.
  var isIncomplete = false
  let unlistedItemsMax: Int

  static var standardModels: [any CandidateModel] {
    [Popularity(), ContextPopularity(), CohortPopularity(), CoVisitation(), ContentSimilarity()]
  }

  init(
    store: any PartitionStore, configuration: EngineConfiguration, isStoreEmpty: Bool,
    teacher: ModelTeacher = ModelTeacher()
  ) {
    self.store = store
    self.teacher = teacher
    unlistedItemsMax = configuration.unlistedItemsMax
    identifiers = StateTable(
      section: Section.identifiers, capacity: configuration.identifiersInMemoryMax, isStoreEmpty: isStoreEmpty)
    persons = StateTable(
      section: Section.persons, capacity: configuration.profilesInMemoryMax, isStoreEmpty: isStoreEmpty)
    postings = StateTable(section: Section.postings, capacity: 20_000, isStoreEmpty: isStoreEmpty)
    related = StateTable(section: Section.related, capacity: 200_000, isStoreEmpty: isStoreEmpty)
    cuts = StateTable(section: Section.cuts, capacity: 100_000, isStoreEmpty: isStoreEmpty)
    erasedProfiles = StateTable(section: Section.erasedProfiles, capacity: 100_000, isStoreEmpty: isStoreEmpty)
    outcomes = StateTable(section: Section.outcomes, capacity: 200_000, isStoreEmpty: isStoreEmpty)
  }

  /// Reads records of the last checkpoint for the tables.
  var read: StateReader { { [store] section, key in try store.state(section: section, key: key) } }

  /// The profile behind an id, merges followed.
  mutating func current(_ id: ProfileID) throws -> ProfileID? {
    var id = id
    for _ in 0..<64 {
      guard let next = try persons.inspect(id, read, { $0.mergedInto }) else { return nil }
      guard let next else { return id }
      id = next
    }
    return nil
  }

  /// The profile that holds one of these identifiers, the first that is known.
  mutating func profile(of keys: some Sequence<IdentifierKey>) throws -> ProfileID? {
    for key in keys {
      if let profile = try identifiers.inspect(key, read, { $0.profile }) { return profile }
    }
    return nil
  }
}

/// Small totals that are folded with the rest.
struct PartitionCounts: Sendable, BinaryCodable {
  var events: UInt64 = 0
  var decisions: UInt64 = 0
  var outcomes: UInt64 = 0
  var profiles: UInt64 = 0
  var refusedMerges: UInt64 = 0
  /// Pairs of identifiers that were cut apart.
  var cuts: UInt64 = 0

  init() {}

  func encode(into writer: inout BinaryWriter) {
    for count in [events, decisions, outcomes, profiles, refusedMerges, cuts] { writer.write(varint: count) }
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    events = try reader.readVarint()
    decisions = try reader.readVarint()
    outcomes = try reader.readVarint()
    profiles = try reader.readVarint()
    refusedMerges = try reader.readVarint()
    cuts = try reader.readVarint()
  }
}

/// Where the dead letters stand in the log: the latest ten thousand, and how many there were by reason.
struct LetterIndex: Sendable, BinaryCodable {
  static let keptMax = 10_000

  private(set) var positions: [UInt64] = []
  private(set) var countByCode: [String: UInt64] = [:]

  init() {}

  var total: UInt64 { countByCode.values.reduce(0, +) }

  mutating func add(_ position: LogPosition, code: String) {
    if positions.count >= Self.keptMax * 2 { positions.removeFirst(positions.count - Self.keptMax) }
    positions.append(position.rawValue)
    // Codes are the parser's own, so there are few.
    countByCode[code, default: 0] += 1
  }

  func encode(into writer: inout BinaryWriter) {
    writer.write(count: positions.count)
    var last: UInt64 = 0
    for position in positions {
      writer.write(varint: position - last)
      last = position
    }
    writer.write(count: countByCode.count)
    for (code, count) in countByCode.sorted(by: { $0.key < $1.key }) {
      writer.write(string: code)
      writer.write(varint: count)
    }
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    var last: UInt64 = 0
    for _ in 0..<(try reader.readCount()) {
      last += try reader.readVarint()
      positions.append(last)
    }
    for _ in 0..<(try reader.readCount()) { countByCode[try reader.readString()] = try reader.readVarint() }
  }
}
