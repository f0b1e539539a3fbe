extension APISchemas {
  /// What is sent beside events.
  static let asked: [Schema] = [
    (
      "Unmerge",
      ##"""
      {"oneOf":[
        {"type":"object","required":["identifier"],"properties":{
          "identifier":{"$ref":"#/components/schemas/Identifier"}},"additionalProperties":false},
        {"type":"object","required":["link"],"properties":{
          "link":{"type":"array","minItems":2,"maxItems":2,"items":{"$ref":"#/components/schemas/Identifier"}}},
         "additionalProperties":false}]}
      """##
    ),
    (
      "Identifier",
      ##"""
      {"type":"object","required":["namespace","value"],"properties":{
        "namespace":{"type":"string","minLength":1},"value":{"type":"string","minLength":1}}}
      """##
    ),
    (
      "TableQuestion",
      ##"""
      {"oneOf":[
        {"type":"object","required":["moments"],"properties":{
          "moments":{"type":"array","maxItems":1000000,"items":{"$ref":"#/components/schemas/TableMoment"}},
          "features":{"$ref":"#/components/schemas/FeatureNames"}},"additionalProperties":false},
        {"type":"object","required":["event"],"properties":{
          "event":{"type":"string","minLength":1},"features":{"$ref":"#/components/schemas/FeatureNames"},
          "from":{"type":["string","null"],"format":"date-time"},"until":{"type":["string","null"],"format":"date-time"}},
         "additionalProperties":false},
        {"type":"object","required":["decisions"],"properties":{
          "decisions":{"type":"object","properties":{"placement":{"type":["string","null"]}}},
          "features":{"$ref":"#/components/schemas/FeatureNames"},
          "from":{"type":["string","null"],"format":"date-time"},"until":{"type":["string","null"],"format":"date-time"}},
         "additionalProperties":false}]}
      """##
    ),
    (
      "TableMoment",
      ##"""
      {"type":"object","required":["namespace","value","at"],"properties":{
        "namespace":{"type":"string","minLength":1},"value":{"type":"string","minLength":1},
        "at":{"type":"string","format":"date-time"},
        "row":{"description":"A whole number for the row; the place in the array where none is given."}}}
      """##
    ),
    ("FeatureNames", ##"{"type":["array","null"],"items":{"type":"string"}}"##),
    (
      "Items",
      ##"""
      {"anyOf":[{"type":"array","items":{"description":"An Item; a bad one does not hold up the others."}},
        {"type":"object","description":"One Item."}]}
      """##
    ),
    (
      "ItemPatch",
      ##"""
      {"type":"object","properties":{
        "title":{"type":["string","null"],"maxLength":1024},"text":{"type":["string","null"],"maxLength":65536},
        "categories":{"$ref":"#/components/schemas/Names"},"tags":{"$ref":"#/components/schemas/Names"},
        "regions":{"$ref":"#/components/schemas/Names"},
        "price":{"type":["number","null"],"minimum":0,"maximum":1000000000000000},
        "currency":{"type":["string","null"],"pattern":"^[A-Za-z]{3}$"},
        "margin":{"type":["number","null"],"minimum":-1000000000000000,"maximum":1000000000000000},
        "available":{"type":["boolean","null"]},
        "stock":{"type":["integer","null"],"minimum":0,"maximum":2147483647},
        "age_min":{"type":["integer","null"],"minimum":0,"maximum":120},
        "attributes":{"type":["object","null"],"description":"At most 32 KiB, 8 levels deep."}},"additionalProperties":false}
      """##
    ),
    (
      "Names",
      ##"{"type":["array","null"],"maxItems":64,"items":{"type":"string","minLength":1,"maxLength":256}}"##
    ),
    (
      "Question",
      ##"""
      {"type":"object",
       "description":"Names a person by user_id or anonymous_id. \"filter\" is a rule over person, item, context and now, such as item.price < 50; only items for which it holds are shown.",
       "properties":{
        "placement":{"type":["string","null"],"maxLength":128,"default":"home"},
        "count":{"type":["integer","null"],"minimum":1,"maximum":100},
        "context":{"type":["object","null"],"description":"device, os, region, locale, timezone, referrer, campaign and your own."},
        "exclude":{"$ref":"#/components/schemas/ItemIDs"},
        "candidates":{"$ref":"#/components/schemas/ItemIDs","description":"Only these may be shown; an empty list means none, null or no member that Attune finds some."},
        "similar_to":{"$ref":"#/components/schemas/ItemIDs"}},
       "anyOf":[
        {"required":["user_id"],"properties":{
          "user_id":{"$ref":"#/components/schemas/ID"},"anonymous_id":{"$ref":"#/components/schemas/OptionalID"}}},
        {"required":["anonymous_id"],"properties":{
          "user_id":{"$ref":"#/components/schemas/OptionalID"},"anonymous_id":{"$ref":"#/components/schemas/ID"}}}]}
      """##
    ),
    ("ItemIDs", ##"{"type":["array","null"],"maxItems":1000,"items":{"$ref":"#/components/schemas/ID"}}"##),
    (
      "Questions",
      ##"""
      {"anyOf":[{"$ref":"#/components/schemas/Question"},
        {"allOf":[{"$ref":"#/components/schemas/Question"},{"type":"object","required":["placements"],"properties":{
          "placements":{"type":"array","minItems":1,"maxItems":50,"items":{"type":"string"}}}}]}]}
      """##
    ),
    (
      "DeadLetterReplay",
      ##"""
      {"type":"object","properties":{
        "code":{"type":["string","null"],"description":"Only letters of this code."},
        "cursor":{"type":["string","null"],"pattern":"^[0-9]{1,18}$","description":"The \"next\" of the answer before."}}}
      """##
    ),
    (
      "DefinitionFiles",
      ##"""
      {"type":"object","required":["files"],"properties":{
        "files":{"type":"array","maxItems":500,"items":{"type":"object","required":["path"],
          "description":"\"text\" is the file's YAML text; without it the file is empty.","properties":{
          "path":{"type":"string","description":"Relative; ends in .yaml or .yml; of one path the last file counts.",
            "pattern":"^[A-Za-z0-9_-]{1,40}(/[A-Za-z0-9_-]{1,40}){0,3}\\.(yaml|yml)$"}}}}}}
      """##
    ),
    (
      "KeyRequest",
      ##"""
      {"type":"object","required":["scopes"],"properties":{
        "workspace":{"anyOf":[{"type":"string","pattern":"^[a-z0-9][a-z0-9_-]{0,63}$"},{"type":"null"}]},
        "scopes":{"type":"array","minItems":1,"items":{"enum":["collect","decide","read","admin"]}}}}
      """##
    ),
  ]
}
