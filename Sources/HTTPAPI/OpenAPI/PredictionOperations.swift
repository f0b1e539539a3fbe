/// What the document says of predictions.
extension Operation {
  static let listPredictions = Operation(
    id: "listPredictions", tag: .models,
    summary: "The predictions that are defined, which model answers each, and every training with its figures.",
    replies: [.ok("PredictionRegistry", "The latest training first.")])

  static let activatePrediction = Operation(
    id: "activatePrediction", tag: .models,
    summary: "Brings a prediction's model of before into force: the one before, a given version, or 0 for none.",
    request: .json("PredictionActivation", example: #"{"prediction":"buys_soon","version":0}"#),
    replies: [
      .ok("PredictionActivated", "It answers from now on."), .notFound,
      .conflict("It was refused, its file cannot be read, or there is nothing to leave."),
    ])

  static let profileScores = Operation(
    id: "profileScores", tag: .people,
    summary: "What the workspace's predictions say of a person, and why: contributions of features sum to the margin.",
    parameters: [.path("id", "The profile's id.")], replies: [.ok("Scores", "By the prediction's name."), .notFound])
}

extension APISchemas {
  static let predictions: [Schema] = [
    (
      "Scores",
      ##"""
      {"type":"object","required":["profile_id","scores"],"properties":{
        "profile_id":{"type":"string"},
        "scores":{"type":"object","additionalProperties":{"type":"object","required":["probability"],"properties":{
          "description":{"type":["string","null"]},
          "probability":{"type":["number","null"],"minimum":0,"maximum":1,"description":"Calibrated; null where there is none."},
          "absent":{"type":"string","description":"Why there is none."},
          "base_rate":{"type":"number","description":"Share of the moments learnt from that were true."},
          "version":{"type":"integer"},
          "margin":{"type":"number","description":"Log-odds before calibration: bias, contributions and rest."},
          "bias":{"type":"number"},
          "contributions":{"type":"array","description":"The largest first.","items":{"type":"object",
            "required":["feature","value","contribution"],"properties":{
            "feature":{"type":"string"},"value":{"description":"null where the feature is missing."},"contribution":{"type":"number"}}}},
          "rest":{"type":"number","description":"What all other features add."}}}}}}
      """##
    ),
    (
      "PredictionRun",
      ##"""
      {"type":"object","required":["version","prediction","outcome","cause","started_at","finished_at","window","parameters","metrics","reliability","drivers"],
       "properties":{
        "version":{"type":"integer","minimum":1},"prediction":{"type":"string"},
        "outcome":{"enum":["live","refused"]},"refusal":{"type":["string","null"]},
        "cause":{"enum":["asked","schedule","changes"]},
        "started_at":{"type":"string","format":"date-time"},"finished_at":{"type":"string","format":"date-time"},
        "window":{"type":"object","description":"What it learnt from.","properties":{
          "from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"},"log_end":{"type":"integer"},
          "training":{"type":"integer","description":"Moments that it learnt from."},"validation":{"type":"integer"},
          "test":{"type":"integer","description":"Moments that it was judged by."},"positives":{"type":"integer"},
          "people":{"type":"integer"},"held_back":{"type":"integer","description":"People it did not learn from."},
          "open":{"type":"integer","description":"Moments whose time is not over."}}},
        "parameters":{"type":"object","additionalProperties":{"type":"string"}},
        "metrics":{"type":"array","items":{"type":"object","required":["subject","metric","value","low","high"],"properties":{
          "subject":{"enum":["candidate","champion","base","difference to base","difference to champion"],"description":"base always says the base rate."},
          "metric":{"enum":["log_loss","brier","auc","ece"]},
          "value":{"type":"number"},"low":{"type":"number"},"high":{"type":"number"}}}},
        "reliability":{"type":"array","description":"Moments of the test that were given about the same probability.","items":{"type":"object",
          "required":["count","predicted","observed"],"properties":{
          "count":{"type":"integer"},"predicted":{"type":"number"},"observed":{"type":"number"}}}},
        "drivers":{"type":"array","items":{"type":"object","required":["feature","weight"],"properties":{
          "feature":{"type":"string"},"weight":{"type":"number","description":"Mean size of what it adds to the margin."}}}},
        "hash":{"type":["string","null"]},"bytes":{"type":"integer"}}}
      """##
    ),
    (
      "PredictionRegistry",
      ##"""
      {"type":"object","required":["predictions","faults","runs"],"properties":{
        "predictions":{"type":"array","items":{"type":"object","required":["name","within","champion","serving"],"properties":{
          "name":{"type":"string"},"description":{"type":["string","null"]},
          "of":{"type":"string"},"none_of":{"type":"string"},"within":{"type":"string"},"among":{"type":["string","null"]},
          "on":{"type":"string"},"every":{"type":"string"},"min_events":{"type":"integer"},
          "champion":{"type":"integer","description":"0 for none."},
          "serving":{"type":"integer","description":"0 for none."},
          "lack":{"type":["string","null"],"description":"Why no model answers."}}}},
        "faults":{"type":"array","items":{"type":"object","properties":{"version":{"type":"integer"},"reason":{"type":"string"}}}},
        "runs":{"type":"array","items":{"$ref":"#/components/schemas/PredictionRun"}}}}
      """##
    ),
    (
      "PredictionActivation",
      ##"""
      {"type":"object","required":["prediction"],"additionalProperties":false,"properties":{
        "prediction":{"type":"string","minLength":1},
        "version":{"type":["integer","null"],"minimum":0,"maximum":2147483647,"description":"0 for none; without it the one before."}}}
      """##
    ),
    (
      "PredictionActivated",
      ##"{"type":"object","required":["prediction","champion"],"properties":{"prediction":{"type":"string"},"champion":{"type":"integer"}}}"##
    ),
  ]
}
