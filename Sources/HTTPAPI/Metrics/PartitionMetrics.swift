import Decisions
import Engine
import Primitives

extension MetricText {
  /// The figures of partitions, each under its workspace.
  mutating func write(partitions: [(workspace: String, statistics: PartitionStatistics)]) {
    func family(
      _ name: String, _ kind: Kind, _ help: String, _ value: (PartitionStatistics) -> Double
    ) -> (String, Kind, String, [Sample]) {
      (name, kind, help, partitions.map { Sample(labels: [("workspace", $0.workspace)], value: value($0.statistics)) })
    }
    let families = [
      family("attune_events_accepted_total", .counter, "Events stored and folded.") { Double($0.accepted) },
      family("attune_events_duplicate_total", .counter, "Events whose message id the log held already.") {
        Double($0.duplicates)
      },
      family("attune_events_rejected_total", .counter, "Events set aside in the dead letters.") { Double($0.rejected) },
      family("attune_commits_total", .counter, "Group commits to the log.") { Double($0.commits) },
      family("attune_commit_failures_total", .counter, "Group commits that failed; nothing was stored.") {
        Double($0.commitFailures)
      },
      family("attune_fold_failures_total", .counter, "Entries whose fold failed.") { Double($0.foldFailures) },
      family("attune_decisions_holdout_total", .counter, "Decisions for people of the holdout.") {
        Double($0.holdoutDecisions)
      },
      family("attune_outcomes_joined_total", .counter, "Outcomes joined to a decision.") { Double($0.outcomesJoined) },
      family("attune_log_end_position", .gauge, "Position of the last entry of the log.") {
        Double($0.logEnd.rawValue)
      },
      family(
        "attune_checkpoint_failures_total", .counter, "Checkpoints that could not be written; the next carries them."
      ) {
        Double($0.checkpointFailures)
      },
      family("attune_checkpoint_position", .gauge, "Position up to which folded state is saved.") {
        Double($0.checkpoint.rawValue)
      },
      family("attune_checkpoint_lag_entries", .gauge, "Entries that a restart would have to fold again.") {
        Double($0.logEnd.rawValue) - Double($0.checkpoint.rawValue)
      },
      family("attune_erasures_total", .counter, "People erased.") { Double($0.erasures) },
      family("attune_erased_entries_total", .counter, "Entries of the log erased with them.") {
        Double($0.erasedEntries)
      },
      family("attune_erasure_unfinished", .gauge, "1 while files may still hold copies of what was erased.") {
        $0.isPurgeDue ? 1 : 0
      },
      family("attune_profiles_in_memory", .gauge, "Profiles held in memory.") { Double($0.profilesInMemory) },
      family("attune_items", .gauge, "Items of the catalogue.") { Double($0.items) },
      family("attune_model_version", .gauge, "The trained model that answers; 0 is none.") { Double($0.modelVersion) },
      family("attune_unheard_items_total", .counter, "Mentions of items beyond those that may be only heard of.") {
        Double($0.unheardItems)
      },
      family(
        "attune_plan_violations_total", .counter, "Events taken although the tracking plan has them otherwise."
      ) { Double($0.planViolations) },
      family("attune_queue_depth", .gauge, "Events and questions that wait for the partition's owner.") {
        Double($0.waiting)
      },
    ]
    for (name, kind, help, samples) in families { self.family(name, kind, help: help, samples) }
    writeDecisions(partitions)
    histograms(
      "attune_commit_duration_seconds", help: "Time of a group commit, the sync included.",
      partitions.map { ([("workspace", $0.workspace)], $0.statistics.commitSeconds) })
    histograms(
      "attune_decision_duration_seconds", help: "From a question's arrival at the partition to its answer.",
      partitions.map { ([("workspace", $0.workspace)], $0.statistics.decisionSeconds) })
  }

  private mutating func writeDecisions(_ partitions: [(workspace: String, statistics: PartitionStatistics)]) {
    family(
      "attune_decisions_total", .counter, help: "Decisions made, by the rung of the ladder that weighed most.",
      partitions.flatMap { workspace, statistics in
        Stage.allCases.map { stage in
          Sample(
            labels: [("workspace", workspace), ("stage", stage.rawValue)],
            value: Double(statistics.decisionsByStage[stage] ?? 0))
        }
      })
    family(
      "attune_decision_fallbacks_total", .counter, help: "Decisions that are not the usual ones, by cause.",
      partitions.flatMap { workspace, statistics in
        Fallback.allCases.map { fallback in
          Sample(
            labels: [("workspace", workspace), ("fallback", fallback.rawValue)],
            value: Double(statistics.fallbacks[fallback] ?? 0))
        }
      })
  }
}
