/// What the document says of discovered cohorts.
extension Operation {
  static let listCohorts = Operation(
    id: "listCohorts", tag: .people,
    summary: "The groups that people were found to fall into, largest first, with what sets each apart.",
    replies: [.ok("Cohorts", "Those in force; without any, the reason.")])
}

extension APISchemas {
  static let cohorts: [Schema] = [
    (
      "CohortLabel",
      ##"""
      {"type":"object","required":["id","name"],"properties":{
        "id":{"type":"string","description":"The same as long as the cohort is found again."},"name":{"type":"string"}}}
      """##
    ),
    (
      "Cohorts",
      ##"""
      {"type":"object","required":["version","people","held_back","cohorts"],"properties":{
        "version":{"type":"integer","minimum":0,"description":"0 while none were found."},
        "found_at":{"type":["string","null"],"format":"date-time"},
        "people":{"type":"integer","description":"They were found in."},
        "held_back":{"type":"integer","description":"People who were left out, as they are of trainings."},
        "stability":{"type":["number","null"],"description":"Adjusted Rand index of the groupings that two halves of the people give; 1 is the same."},
        "reason":{"type":["string","null"],"description":"Why there are none, or no newer ones."},
        "cohorts":{"type":"array","items":{"type":"object","required":["id","name","people","share","drivers","likes"],"properties":{
          "id":{"type":"string"},"name":{"type":"string"},"people":{"type":"integer"},
          "share":{"type":"number","description":"Of the people that they were found in."},
          "drivers":{"type":"array","description":"What sets it apart, most first.","items":{"type":"object","required":["kind","feature","share","lift"],"properties":{
            "kind":{"enum":["interests","habits","times"]},"feature":{"type":"string"},
            "share":{"type":"number","description":"In what its people do."},
            "lift":{"type":"number","description":"That share over the average person's."}}}},
          "likes":{"type":"array","items":{"type":"object","required":["item_id"],"properties":{
            "item_id":{"type":"string"},"title":{"type":["string","null"]}}}}}}}}}
      """##
    ),
  ]
}
