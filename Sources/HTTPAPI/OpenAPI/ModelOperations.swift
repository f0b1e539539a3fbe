/// What the document says of training and models.
extension Operation {
  static let train = Operation(
    id: "train", tag: .models,
    summary: "Trains a model on the log, in the background; it goes live if it is not worse than what serves.",
    parameters: [
      .query("wait", schema: #"{"type":"boolean","default":false}"#, "Answer when the training is done.")
    ],
    request: .json("TrainingRequest", example: #"{"dimensions":32}"#, isRequired: false),
    replies: [
      .ok("TrainingDone", "It is done, with `wait`."),
      Documented(status: 202, description: "It is under way.", schema: "TrainingStatus"),
      .conflict("A training of this workspace is under way."),
      Documented(status: 422, description: "It would take more memory than it may.", schema: "Problem"),
    ])

  static let trainingStatus = Operation(
    id: "trainingStatus", tag: .models,
    summary: "The training that is under way, or the last one since the server began.",
    replies: [.ok("TrainingStatus", "How far it has come.")])

  static let listModels = Operation(
    id: "listModels", tag: .models, summary: "The registry: every training with its data, its figures and its outcome.",
    replies: [.ok("ModelRegistry", "The latest first.")])

  static let modelCard = Operation(
    id: "modelCard", tag: .models,
    summary:
      "A model's card: what it is for, what it learnt from, how well it does and for whom, what came of its decisions.",
    parameters: [.path("id", example: "1", "The model's version.")],
    replies: [.ok("ModelCard", "The card."), .notFound])

  static let activateModel = Operation(
    id: "activateModel", tag: .models,
    summary: "Brings a model of before into force: the one before the champion, a given version, or 0 for none.",
    request: .json("ModelActivation", example: #"{"version":0}"#, isRequired: false),
    replies: [
      .ok("ModelActivated", "It answers from the next decision on."), .notFound,
      .conflict("It was refused, its file cannot be read, or there is nothing to leave."),
    ])
}

extension APISchemas {
  static let models: [Schema] = [
    (
      "TrainingRequest",
      ##"""
      {"type":"object","additionalProperties":false,"properties":{
        "dimensions":{"type":["integer","null"],"minimum":2,"maximum":1024,"description":"Numbers in a vector; else as `training` defines it."},
        "memory_mb":{"type":["integer","null"],"minimum":1,"maximum":1048576,"description":"A training that would take more is not begun. The server may have a lower bound of its own."},
        "tune_seconds":{"type":["integer","null"],"minimum":0,"maximum":3600,"description":"How long to look for better settings."},
        "seed":{"type":["integer","null"],"minimum":0,"maximum":2147483647}}}
      """##
    ),
    (
      "TrainingStatus",
      ##"""
      {"type":"object","required":["state"],"properties":{
        "state":{"enum":["none","running","done","failed"]},"begun_at":{"type":"string","format":"date-time"},
        "phase":{"enum":["reading","tuning","fitting","comparing","saving",null]},
        "share":{"type":["number","null"],"description":"Of the phase, from 0 to 1."},
        "detail":{"type":["string","null"]},"reason":{"type":"string"},
        "run":{"$ref":"#/components/schemas/ModelRun"}}}
      """##
    ),
    (
      "TrainingDone",
      ##"{"type":"object","required":["run"],"properties":{"run":{"$ref":"#/components/schemas/ModelRun"}}}"##
    ),
    (
      "ModelRun",
      ##"""
      {"type":"object","required":["version","model","outcome","cause","started_at","finished_at","window","parameters","metrics","shares"],
       "properties":{
        "version":{"type":"integer","minimum":1},"model":{"type":"string"},
        "outcome":{"enum":["live","refused"]},"refusal":{"type":["string","null"]},
        "cause":{"enum":["asked","schedule","changes","drift","degradation"]},
        "started_at":{"type":"string","format":"date-time"},"finished_at":{"type":"string","format":"date-time"},
        "window":{"type":"object","description":"What it learnt from.","properties":{
          "from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"},
          "log_end":{"type":"integer"},"acts":{"type":"integer"},"people":{"type":"integer"},"items":{"type":"integer"},
          "held_back":{"type":"integer","description":"People it was measured on, and not trained on."}}},
        "parameters":{"type":"object","additionalProperties":{"type":"string"}},
        "metrics":{"type":"array","items":{"type":"object","required":["subject","metric","k","value","low","high"],"properties":{
          "subject":{"enum":["candidate","champion","fresh","model"],"description":"The candidate and the champion answer together with the fresh models; model is the trained one alone."},
          "metric":{"enum":["ndcg","hr"]},"k":{"type":"integer"},
          "value":{"type":"number"},"low":{"type":"number"},"high":{"type":"number"}}}},
        "shares":{"type":"object","additionalProperties":{"type":"number"},"description":"Of each model in a person's own taste."},
        "hash":{"type":["string","null"]},"bytes":{"type":"integer"}}}
      """##
    ),
    (
      "ModelRegistry",
      ##"""
      {"type":"object","required":["champion","serving","faults","runs"],"properties":{
        "champion":{"type":"integer","description":"0 for none."},
        "serving":{"type":"integer","description":"Another than the champion where that one's file cannot be read."},
        "faults":{"type":"array","items":{"type":"object","properties":{"version":{"type":"integer"},"reason":{"type":"string"}}}},
        "runs":{"type":"array","items":{"$ref":"#/components/schemas/ModelRun"}}}}
      """##
    ),
    (
      "ModelCard",
      ##"""
      {"type":"object","required":["model_details","intended_use","training_data","evaluation_data","metrics","factors","gate","live","limits"],
       "description":"After Mitchell et al., Model cards for model reporting, 2019.",
       "properties":{
        "model_details":{"type":"object","properties":{
          "version":{"type":"integer"},"algorithm":{"type":"string"},
          "state":{"enum":["serving","retired","refused","withdrawn"]},"trained_at":{"type":"string","format":"date-time"},
          "cause":{"enum":["asked","schedule","changes","drift","degradation"]},
          "evidence":{"type":"array","items":{"type":"string"},"description":"What was measured and made the training begin."},
          "settings":{"type":"object","additionalProperties":{"type":"string"}},
          "shares":{"type":"object","additionalProperties":{"type":"number"}},
          "definitions_version":{"type":["integer","null"]},"file_format":{"type":["integer","null"]},
          "hash":{"type":["string","null"]},"bytes":{"type":"integer"}}},
        "intended_use":{"type":"object","properties":{"use":{"type":"string"},"not_for":{"type":"string"}}},
        "training_data":{"type":"object","properties":{
          "from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"},
          "log_end":{"type":"integer"},"events":{"type":"integer"},"acts":{"type":"integer"},"people":{"type":"integer"},
          "items":{"type":"integer"},"erased_or_unmerged_later":{"type":"string"}}},
        "evaluation_data":{"type":"object","properties":{"held_back_people":{"type":"integer"},"protocol":{"type":"string"}}},
        "metrics":{"type":"array","items":{"type":"object"},"description":"As in the run."},
        "factors":{"type":"array","items":{"type":"object","properties":{
          "group_by":{"enum":["history","popularity"]},"group":{"type":"string"},"people":{"type":"integer"},
          "metric":{"const":"ndcg"},"k":{"type":"integer"},"value":{"type":"number"},"low":{"type":"number"},"high":{"type":"number"}}}},
        "gate":{"type":"object","properties":{
          "outcome":{"enum":["let in","refused"]},"refusal":{"type":["string","null"]},
          "compared_with":{"type":["integer","null"],"description":"0 for the fresh models alone."},"rule":{"type":"string"}}},
        "live":{"type":"object","description":"Of decisions whose outcome window is over.","properties":{
          "people_days":{"type":"integer"},"people_days_with_outcome":{"type":"integer"},"rate":{"type":["number","null"]},
          "withdrawn_at":{"type":["string","null"],"format":"date-time"},"withdrawn_since":{"type":["string","null"]},
          "drift":{"type":"array","items":{"type":"string"}}}},
        "limits":{"type":"array","items":{"type":"string"}}}}
      """##
    ),
    (
      "ModelActivation",
      ##"""
      {"type":"object","additionalProperties":false,"properties":{
        "version":{"type":["integer","null"],"minimum":0,"maximum":2147483647,"description":"0 for none; without it the one before."}}}
      """##
    ),
    (
      "ModelActivated",
      ##"{"type":"object","required":["champion"],"properties":{"champion":{"type":"integer"}}}"##
    ),
  ]
}
