# Each alert has a line in docs/operations.md that says what to do. Without channels an alert is only shown in the
# console. Google's own metrics are listed, with where they are documented, in tests/infra/metrics.py.

resource "google_monitoring_alert_policy" "ingestion_latency" {
  display_name          = "High Event Ingestion Latency"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = var.urgent_channels

  conditions {
    display_name = "An event has waited more than 60 s for BigQuery, for 5 minutes"

    condition_threshold {
      filter          = "metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND ${local.sink_filter}"
      comparison      = "COMPARISON_GT"
      threshold_value = 60
      duration        = "300s"

      aggregations {
        alignment_period   = "60s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "Look at the subscription's state (permission, schema mismatch) and at the dead letters; nothing is lost for 7 days. See docs/operations.md."
  }
}

resource "google_monitoring_alert_policy" "insert_failures" {
  display_name          = "BigQuery Streaming Insert Failures"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.all_channels

  conditions {
    display_name = "More than 100 writes failed within 5 minutes"

    condition_threshold {
      filter          = "${local.pushes} AND metric.labels.response_class != \"ack\""
      comparison      = "COMPARISON_GT"
      threshold_value = 100
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_SUM"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "After five attempts a message is in ${google_pubsub_subscription.dead_letter.name}. Fix the cause, then run `bioqms replay`."
  }
}

resource "google_monitoring_alert_policy" "validation_failures" {
  display_name          = "Event Validation Failure Rate"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = var.team_channels

  conditions {
    display_name = "More than 5 % of events refused, for 10 minutes"

    condition_threshold {
      filter             = "metric.type = \"${google_monitoring_metric_descriptor.collector["event_validation_failures"].type}\" AND resource.type = \"generic_task\""
      denominator_filter = "metric.type = \"${google_monitoring_metric_descriptor.collector["events_received"].type}\" AND resource.type = \"generic_task\""
      comparison         = "COMPARISON_GT"
      threshold_value    = 0.05
      duration           = "600s"

      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_RATE"
        cross_series_reducer = "REDUCE_SUM"
      }

      denominator_aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_RATE"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "A client sends what the schema refuses: the reasons are in the collector's answers and its rejects."
  }
}

resource "google_monitoring_alert_policy" "collector_errors" {
  display_name          = "Collector Answers 5xx"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.all_channels

  conditions {
    display_name = "More than 1 % of requests answered with a 5xx, for 10 minutes"

    condition_threshold {
      filter             = "${local.requests} AND metric.labels.response_code_class = \"5xx\""
      denominator_filter = local.requests
      comparison         = "COMPARISON_GT"
      threshold_value    = 0.01
      duration           = "300s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_RATE"
        cross_series_reducer = "REDUCE_SUM"
      }

      denominator_aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_RATE"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "503 means that an event could not be made durable or that the collector is full; senders send again. See docs/operations.md."
  }
}

resource "google_monitoring_alert_policy" "collector_absent" {
  display_name          = "Collector Does Not Answer"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.all_channels

  conditions {
    display_name = "/ready failed from at least two regions, for 2 minutes"

    condition_threshold {
      filter          = "metric.type = \"monitoring.googleapis.com/uptime_check/check_passed\" AND resource.type = \"uptime_url\" AND metric.labels.check_id = \"${google_monitoring_uptime_check_config.collector.uptime_check_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "120s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }

      trigger {
        count = 1
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "No events are taken; SDKs keep theirs for a while. Look at the newest revision of bioqms-collector and at Pub/Sub. See docs/operations.md."
  }
}

resource "google_monitoring_alert_policy" "dead_letters" {
  display_name          = "Dead Letter Backlog"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.all_channels

  conditions {
    display_name = "The oldest dead letter has waited for 4 of its 7 days"

    condition_threshold {
      filter          = "metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND ${local.letters_filter}"
      comparison      = "COMPARISON_GT"
      threshold_value = 345600
      duration        = "300s"

      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }

  conditions {
    display_name = "More than ${var.dead_letters_tolerated} dead letters wait, for 15 minutes"

    condition_threshold {
      filter          = "metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\" AND ${local.letters_filter}"
      comparison      = "COMPARISON_GT"
      threshold_value = var.dead_letters_tolerated
      duration        = "900s"

      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }

  # What the collector refused is expected among the dead letters; what BigQuery refused is not.
  conditions {
    display_name = "BigQuery refused an event five times"

    condition_threshold {
      filter          = "metric.type = \"pubsub.googleapis.com/subscription/dead_letter_message_count\" AND ${local.sink_filter}"
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "${google_pubsub_subscription.dead_letter.name} loses a message after 7 days. Look at some, fix the cause, then run `bioqms replay`. See docs/operations.md."
  }
}

resource "google_monitoring_alert_policy" "job_failed" {
  display_name          = "Job Failed"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.all_channels

  conditions {
    display_name = "A build, an audit, a check or a report failed"

    condition_threshold {
      filter          = "${local.executions} AND resource.labels.job_name = starts_with(\"bioqms-\") AND metric.labels.result = \"failed\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.label.job_name"]
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "The job's log says why. A failed `bioqms-check` is the gate: an alert was crossed, or nothing could be measured. See docs/operations.md."
  }

  depends_on = [google_project_service.apis]
}

# A schedule that does not start its job leaves no failed job.
resource "google_monitoring_alert_policy" "no_build" {
  count                 = var.hours_without_build > 0 ? 1 : 0
  display_name          = "No Build"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.all_channels

  conditions {
    display_name = "No build or audit has succeeded for ${var.hours_without_build} hours"

    condition_absent {
      filter   = "${local.executions} AND resource.labels.job_name = one_of(\"${google_cloud_run_v2_job.jobs["build"].name}\", \"${google_cloud_run_v2_job.jobs["audit"].name}\") AND metric.labels.result = \"succeeded\""
      duration = "${var.hours_without_build * 3600}s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "Look at the schedule (`gcloud scheduler jobs list`) and at the executions of bioqms-build. See docs/operations.md."
  }
}

# A missed target is a warning: the job succeeds, so only its log says so.
resource "google_monitoring_alert_policy" "quality_gate" {
  display_name          = "Quality Gate"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = var.team_channels

  conditions {
    display_name = "The gate found a missed target or a crossed alert"

    condition_matched_log {
      filter           = "${local.gate_lines} AND jsonPayload.status = (\"warning\" OR \"alert\")"
      label_extractors = { status = "EXTRACT(jsonPayload.status)" }
    }
  }

  # Required for alerts on logs: one message a period, however many lines match.
  alert_strategy {
    auto_close = "86400s"

    notification_rate_limit {
      period = "3600s"
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "The gate's status is $${log.extracted_label.status}; the log of bioqms-check has the findings. See docs/quality-gate.md."
  }
}
