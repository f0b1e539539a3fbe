/// What the document says of all routes but those that receive events.
extension Operation {
  // MARK: Catalogue

  static let upsertItems = Operation(
    id: "upsertItems", tag: .catalog,
    summary: "Adds items or replaces them whole: a JSON array, one object, or one object a line.",
    request: Request(
      mediaTypes: ["application/json", "application/x-ndjson"], schema: "Items",
      example: #"[{"item_id":"mug","title":"Blue mug","categories":["kitchen"],"price":12.5,"stock":3}]"#),
    replies: [.ok("ItemsResult", "The good ones are stored and count from the next decision on.")])

  static let listItems = Operation(
    id: "listItems", tag: .catalog, summary: "The catalogue's items in the order of their ids.",
    parameters: [.limit(standard: 50, max: CatalogRoutes.pageMax), .cursor],
    replies: [.ok("ItemPage", "A page.")])

  private static let itemID = Parameter.path("id", example: #""mug""#, "The item's id.")

  static let readItem = Operation(
    id: "readItem", tag: .catalog, summary: "One item.", parameters: [itemID],
    replies: [.ok("Item", "The item."), .notFound])

  static let patchItem = Operation(
    id: "patchItem", tag: .catalog, summary: "Changes members of an item (JSON merge patch, RFC 7396).",
    parameters: [itemID],
    request: Request(
      mediaTypes: ["application/json", "application/merge-patch+json"], schema: "ItemPatch",
      example: #"{"price":11,"stock":null}"#),
    replies: [.ok("Item", "The item as it is now."), .notFound])

  static let deleteItem = Operation(
    id: "deleteItem", tag: .catalog, summary: "Removes an item.", parameters: [itemID],
    replies: [.ok("ItemDeleted", "It is gone."), .notFound])

  // MARK: Decisions

  private static let unknownPlacement = Documented(
    status: 404, description: "The workspace has no such placement.", schema: "Problem")

  static let decide = Operation(
    id: "decide", tag: .decide,
    summary: "Chooses items for a person, or for several placements at once, and records why.",
    request: .json("Questions", example: #"{"user_id":"ada","count":3}"#),
    replies: [.ok("Decisions", "There is always an answer."), unknownPlacement])

  static let recommendations = Operation(
    id: "recommendations", tag: .decide,
    summary: "The same as decide, for a link. user_id or anonymous_id is needed.",
    parameters: [
      Parameter(
        name: "user_id", place: .query, schema: #"{"type":"string","minLength":1,"maxLength":512}"#,
        description: "The person.", isRequired: true),
      .query("placement", schema: #"{"type":"string","default":"home"}"#, "Where the items will be shown."),
      .query("count", schema: count, "How many items."),
      .query("exclude", schema: ids, "Items not to show; may be repeated."),
      .query("similar_to", schema: ids, "Items to show alternatives to; may be repeated."),
    ], replies: [.ok("Decision", "There is always an answer."), unknownPlacement])

  private static let count = #"{"type":"integer","minimum":1,"maximum":100,"default":10}"#
  private static let ids =
    #"{"type":"array","items":{"type":"string","minLength":1,"maxLength":512},"maxItems":\#(QuestionReader.linkedIDsMax)}"#

  private static let listCount = Parameter.query(
    "count", schema: #"{"type":"integer","minimum":1,"default":10}"#,
    "How many items; more than \(DecisionRoutes.listMax) counts as \(DecisionRoutes.listMax).")

  static let similarItems = Operation(
    id: "similarItems", tag: .decide, summary: "Items like this one, for nobody in particular.",
    parameters: [itemID, listCount],
    replies: [.ok("ItemList", "The most alike first."), .notFound])

  static let popularItems = Operation(
    id: "popularItems", tag: .decide, summary: "What is chosen most at the moment, by everybody.",
    parameters: [listCount],
    replies: [.ok("ItemList", "The most popular first.")])

  static let readDecision = Operation(
    id: "readDecision", tag: .decide, summary: "Why this was shown, why not that, and what came of it.",
    parameters: [
      .path("id", "The decision's id."),
      .query(
        "item", schema: #"{"type":"string","maxLength":512}"#,
        "An item; where the record does not mention it, `absent` says why."),
    ], replies: [.ok("DecisionRecord", "The record."), .notFound, inputsErased])

  private static let inputsErased = Documented(
    status: 410, description: "The record was erased together with a person: the code is inputs_erased.",
    schema: "Problem")

  static let replayDecision = Operation(
    id: "replayDecision", tag: .decide,
    summary:
      "Makes a decision again from the log: the state, the question, the moment and the seed of then. One at a time.",
    parameters: [.path("id", "The decision's id.")],
    replies: [.ok("ReplayedDecision", "Whether it came out the same."), .notFound, inputsErased, foldUnderWay])

  static let replaySample = Operation(
    id: "replaySample", tag: .decide,
    summary:
      "Makes a random sample of all recorded decisions again, and tells which came out otherwise. One at a time.",
    parameters: [
      .query(
        "sample", schema: #"{"type":"integer","minimum":1,"default":1000}"#, "How many; all where there are fewer."),
      .query("seed", schema: #"{"type":"integer","minimum":1,"default":1}"#, "Another seed draws others."),
    ],
    replies: [
      Documented(
        status: 200,
        description: "Lines of how far it has come (`entries`, `of`), and as the last `decisions` (of the log), "
          + "`replayed`, `reproduced`, `seed` and the first 20 `differing`.", mediaType: "application/x-ndjson"),
      foldUnderWay,
    ])

  private static let foldUnderWay = Documented.conflict("A replay or a training table is under way; one at a time.")

  // MARK: People

  static let findProfile = Operation(
    id: "findProfile", tag: .people, summary: "The person who has an identifier, of any namespace.",
    parameters: [
      Parameter(
        name: "identifier", place: .query,
        schema: #"{"type":"object","minProperties":1,"maxProperties":1,"#
          + #""properties":{"user_id":{"type":"string","minLength":1},"anonymous_id":{"type":"string","minLength":1}},"#
          + #""additionalProperties":{"type":"string","minLength":1}}"#,
        description: "One parameter, named for the namespace: ?user_id=…, ?anonymous_id=…, ?email=…", isRequired: true,
        isExploded: true), asOf,
    ], replies: [.ok("Profile", "The person."), .notFound])

  static let readProfile = Operation(
    id: "readProfile", tag: .people, summary: "A person; ids of merged profiles lead to the one that remains.",
    parameters: [.path("id", "The profile's id."), asOf],
    replies: [
      .ok("Profile", "The person."), .notFound,
      Documented(status: 410, description: "The person was erased: the code is erased.", schema: "Problem"),
    ])

  static let eraseProfile = Operation(
    id: "eraseProfile", tag: .people,
    summary: "Erases a person from the log, the state, the decisions and the dead letters. Again: shows the proof.",
    parameters: [
      .path("id", "The profile's id; or the profile_digest of a proof, which erases nobody and waits for that erasure.")
    ],
    replies: [.ok("Erasure", "The proof. No file of the workspace holds what was erased."), .notFound])

  static let listErasures = Operation(
    id: "listErasures", tag: .people, summary: "Proofs of erasures, the latest first.",
    parameters: [
      .limit(standard: 50, max: ProfileRoutes.erasurePageMax), position("cursor", "The `next` of the page before."),
      Parameter(
        name: "identifier", place: .query,
        schema: #"{"type":"object","maxProperties":1,"#
          + #""properties":{"user_id":{"type":"string","minLength":1},"anonymous_id":{"type":"string","minLength":1}},"#
          + #""additionalProperties":{"type":"string","minLength":1}}"#,
        description: "Only of people who had this identifier: ?user_id=…, ?email=…", isExploded: true),
    ], replies: [.ok("ErasurePage", "A page.")])

  private static let asOf = Parameter.query(
    "as_of", schema: #"{"type":"string","format":"date-time"}"#,
    "What was known at this moment, at most now; 404 with the code not_yet_known where that is nothing.")

  static let unmergeProfile = Operation(
    id: "unmergeProfile", tag: .people,
    summary: "Cuts identifiers apart, as if they had never come together: people are folded again from the log.",
    parameters: [.path("id", "The profile's id.")],
    request: .json("Unmerge", example: #"{"identifier":{"namespace":"email","value":"family@example.com"}}"#),
    replies: [.ok("Unmerged", "Who has the identifiers now."), .notFound, .conflict("The profile is not linked so.")])

  static let listFeatures = Operation(
    id: "listFeatures", tag: .people,
    summary: "Every feature in force: of which events and fields it is made, and which rules read it.",
    replies: [.ok("FeatureList", "The features by name.")])

  static let profileFeatures = Operation(
    id: "profileFeatures", tag: .people,
    summary: "A person's features with their values, and how old the last event of each is against what it may be.",
    parameters: [.path("id", "The profile's id.")], replies: [.ok("FeatureList", "The features by name."), .notFound])

  static let profileEvents = Operation(
    id: "profileEvents", tag: .people, summary: "Every event of a person, the latest first.",
    parameters: [
      .path("id", "The profile's id."), .limit(standard: 50, max: 500),
      position("cursor", "The `next` of the page before."),
    ], replies: [.ok("EventPage", "A page."), .notFound])

  private static func position(_ name: String, _ description: String) -> Parameter {
    .query(name, schema: #"{"type":"string","pattern":"^[0-9]{1,18}$"}"#, description)
  }

  // MARK: Definitions

  static let readDefinitions = Operation(
    id: "readDefinitions", tag: .definitions, summary: "The files in force.",
    replies: [.ok("Definitions", "Version 0 is what every workspace begins with.")])

  private static let files =
    #"{"files":[{"path":"placements.yaml","text":"placements: {cart: {count: 3}}"}]}"#

  static let applyDefinitions = Operation(
    id: "applyDefinitions", tag: .definitions,
    summary: "Brings files into force in place of all before, or none of them when there is an error.",
    request: .json("DefinitionFiles", example: files),
    replies: [.ok("DefinitionVersion", "In force from the next decision on.")])

  static let checkDefinitions = Operation(
    id: "checkDefinitions", tag: .definitions, summary: "Finds every error of files without bringing them into force.",
    request: .json("DefinitionFiles", example: files), replies: [.ok("DefinitionCheck", "What was found.")])

  // MARK: Keys

  private static let workspace = Parameter.query(
    "workspace", schema: #"{"type":"string","pattern":"^[a-z0-9][a-z0-9_-]{0,63}$"}"#,
    "Another workspace than the key's own; for admin keys of main.")

  static let createKey = Operation(
    id: "createKey", tag: .keys, summary: "Makes a key. It is shown this once. A workspace begins with its first key.",
    request: .json("KeyRequest", example: #"{"scopes":["collect"]}"#), replies: [.ok("IssuedKey", "The key.")])

  static let listKeys = Operation(
    id: "listKeys", tag: .keys, summary: "The keys of a workspace, without their secrets.", parameters: [workspace],
    replies: [.ok("KeyList", "The oldest first.")])

  static let revokeKey = Operation(
    id: "revokeKey", tag: .keys, summary: "Makes a key useless at once.",
    parameters: [.path("id", "The key's id, not the key."), workspace],
    replies: [
      .ok("KeyRevoked", "It is useless."), .notFound,
      Documented(status: 409, description: "It is the last admin key of main.", schema: "Problem"),
    ])

  // MARK: Operating

  static let deadLetters = Operation(
    id: "deadLetters", tag: .collect, summary: "Events that were refused, with the reason; the latest first.",
    parameters: [.limit(standard: 50, max: LogRoutes.pageMax), position("cursor", "The `next` of the page before.")],
    replies: [.ok("DeadLetterPage", "A page.")])

  static let replayDeadLetters = Operation(
    id: "replayDeadLetters", tag: .definitions,
    summary:
      "Reads dead letters again with what is in force now, a page at a time, and takes those that have become good.",
    request: .json("DeadLetterReplay", example: #"{"code":"missing_property"}"#),
    replies: [.ok("DeadLetterReplayed", "What became of the page.")])

  static let tail = Operation(
    id: "tail", tag: .operate,
    summary: "Events and decisions as they happen: JSON lines, or server-sent events when asked for text/event-stream.",
    replies: [Documented(status: 200, description: "Goes on until you leave.", mediaType: "application/x-ndjson")])

  static let export = Operation(
    id: "export", tag: .operate,
    summary: "The log, or all people, as JSON lines, as of when the call begins. What was erased is left out.",
    parameters: [
      .query(
        "kind", schema: #"{"enum":["events","decisions","profiles","log"],"default":"events"}"#,
        "What to export; `log` is every entry as it is, for `attune import --log`, and needs the scope admin."),
      position("from", "The position to begin with; 1 is the first. Not of profiles."),
    ],
    replies: [Documented(status: 200, description: "One entry a line.", mediaType: "application/x-ndjson")])

  static let trainingTable = Operation(
    id: "trainingTable", tag: .operate,
    summary:
      "The features of people at moments of the past, as the server knew them then: of listed moments, just before the "
      + "events of a name, or as decisions were asked for. A line that says what comes, then a line for each row. One at a "
      + "time.",
    request: .json(
      "TableQuestion",
      example: #"{"moments":[{"namespace":"user_id","value":"u","at":"2026-03-01T12:00:00Z"}],"features":["views_7d"]}"#
    ),
    replies: [
      Documented(
        status: 200, description: "By moment; features without a value are left out.",
        mediaType: "application/x-ndjson"),
      Documented(
        status: 404, description: "There is no such feature, event or placement.", schema: "Problem"),
      foldUnderWay,
    ])

  static let health = Operation(
    id: "health", tag: .operate, summary: "Whether the process lives.", replies: [.ok("Status", "It does.")])

  static let readiness = Operation(
    id: "readiness", tag: .operate, summary: "Whether calls should be sent here.",
    replies: [.ok("Status", "They should.")])

  static let metrics = Operation(
    id: "metrics", tag: .operate,
    summary: "Figures for Prometheus: of the key's workspace, for keys of main also of all others and of the process.",
    replies: [Documented(status: 200, description: "Text format 0.0.4.", mediaType: "text/plain")])

  static let openAPI = Operation(
    id: "openAPI", tag: .operate, summary: "This document.", replies: [.ok("Document", "OpenAPI 3.1.")])
}
