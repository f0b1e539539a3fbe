public import Events
import Governance
public import Primitives

extension Profile {
  /// Members of the profile's object, to which higher floors add theirs:
  ///
  ///     "profile_id": "p_…", "identifiers": [{"namespace": "user_id", "value": "u1"}], "traits": {…},
  ///     "consent": {"personalization": {"granted": true, "at": "…"}}, "created_at": "…", "last_seen_at": "…",
  ///     "event_count": 3, "absorbed": ["p_…"],
  ///     "links": [{"namespace", "value", "with": {"namespace", "value"}, "rule", "message_id", "at", "merged"}],
  ///     "refused_merges": [{"namespace", "value", "reason", "profile_id", "at"}]
  public func writeMembers(into writer: inout JSONWriter) {
    writer.member("profile_id", id.description)
    writer.key("identifiers")
    writer.array { for identifier in identifiers { $0.object { identifier.writeMembers(into: &$0) } } }
    writer.key("traits")
    writer.object { for member in traits.members { $0.member(member.key, member.value) } }
    writer.key("consent")
    consent.write(to: &writer)
    writer.member("created_at", createdAt)
    writer.member("last_seen_at", lastSeenAt)
    writer.member("event_count", eventCount)
    writer.key("absorbed")
    writer.array { for id in absorbed { $0.string(id.description) } }
    writer.key("links")
    writer.array { for link in links { $0.object { link.writeMembers(into: &$0) } } }
    writer.key("refused_merges")
    writer.array {
      for refusal in refusals {
        $0.object {
          refusal.identifier.writeMembers(into: &$0)
          $0.member("reason", refusal.reason.code)
          $0.member("profile_id", refusal.other?.description)
          $0.member("at", refusal.at)
        }
      }
    }
  }
}

extension IdentityLink {
  fileprivate func writeMembers(into writer: inout JSONWriter) {
    identifier.writeMembers(into: &writer)
    writer.member("with", object: { with.writeMembers(into: &$0) })
    writer.member("rule", rule.code)
    writer.member("message_id", messageID)
    writer.member("at", at)
    writer.member("merged", merged?.description)
  }
}

extension Identifier {
  /// `"namespace": "user_id", "value": "u1"`
  public func writeMembers(into writer: inout JSONWriter) {
    writer.member("namespace", namespace)
    writer.member("value", value)
  }
}
