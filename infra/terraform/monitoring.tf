# The alerts and the dashboard of the specification. Its metric bigquery.googleapis.com/streaming_insert/
# failed_rows does not exist for BigQuery subscriptions: their writes are the subscription's pushes.

locals {
  sink           = google_pubsub_subscription.bigquery_sink.name
  sink_filter    = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${local.sink}\""
  pushes         = "metric.type = \"pubsub.googleapis.com/subscription/push_request_count\" AND ${local.sink_filter}"
  custom_metrics = "custom.googleapis.com/analytics"
  collector      = "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = \"${google_cloud_run_v2_service.collector.name}\""
}

# What the collector counts itself, by tenant and event name (ingest/metrics.py).
resource "google_monitoring_metric_descriptor" "collector" {
  for_each = {
    events_received           = "Events that reached the collector"
    event_validation_failures = "Events that the collector refused"
  }

  type         = "${local.custom_metrics}/${each.key}"
  display_name = each.key
  description  = each.value
  metric_kind  = "CUMULATIVE"
  value_type   = "INT64"

  labels {
    key        = "tenant_id"
    value_type = "STRING"
  }

  labels {
    key        = "event_name"
    value_type = "STRING"
  }
}

resource "google_monitoring_notification_channel" "ops_pagerduty" {
  display_name = "ops-pagerduty"
  type         = "pagerduty"

  sensitive_labels {
    service_key = var.pagerduty_service_key
  }
}

resource "google_monitoring_notification_channel" "engineering_slack" {
  display_name = "engineering-slack"
  type         = "slack"

  labels = {
    channel_name = var.slack_channel
  }

  sensitive_labels {
    auth_token = var.slack_auth_token
  }
}

resource "google_monitoring_alert_policy" "ingestion_latency" {
  display_name          = "High Event Ingestion Latency"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = [google_monitoring_notification_channel.ops_pagerduty.id]

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
  display_name = "BigQuery Streaming Insert Failures"
  combiner     = "OR"
  severity     = "CRITICAL"
  notification_channels = [
    google_monitoring_notification_channel.ops_pagerduty.id,
    google_monitoring_notification_channel.engineering_slack.id,
  ]

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
  notification_channels = [google_monitoring_notification_channel.engineering_slack.id]

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

resource "google_monitoring_dashboard" "pipeline" {
  dashboard_json = jsonencode({
    displayName = "BIO-QMS event pipeline"
    mosaicLayout = {
      columns = 12
      tiles = [
        for index, chart in local.charts : {
          xPos   = (index % 2) * 6
          yPos   = floor(index / 2) * 4
          width  = 6
          height = 4
          widget = {
            title   = chart.title
            xyChart = { dataSets = [for query in chart.queries : { plotType = "LINE", timeSeriesQuery = query }] }
          }
        }
      ]
    }
  })
}

locals {
  charts = [
    {
      title = "Events ingested per minute, by tenant"
      queries = [{
        timeSeriesFilter = {
          filter      = "metric.type = \"${local.custom_metrics}/events_received\""
          aggregation = { alignmentPeriod = "60s", perSeriesAligner = "ALIGN_DELTA", crossSeriesReducer = "REDUCE_SUM", groupByFields = ["metric.label.tenant_id"] }
        }
      }]
    },
    {
      title = "Events ingested per minute, by event type"
      queries = [{
        timeSeriesFilter = {
          filter      = "metric.type = \"${local.custom_metrics}/events_received\""
          aggregation = { alignmentPeriod = "60s", perSeriesAligner = "ALIGN_DELTA", crossSeriesReducer = "REDUCE_SUM", groupByFields = ["metric.label.event_name"] }
        }
      }]
    },
    {
      title = "Ingestion latency, P50, P95 and P99"
      queries = [for percentile in ["50", "95", "99"] : {
        timeSeriesFilter = {
          filter      = "metric.type = \"run.googleapis.com/request_latencies\" AND ${local.collector}"
          aggregation = { alignmentPeriod = "60s", perSeriesAligner = "ALIGN_PERCENTILE_${percentile}", crossSeriesReducer = "REDUCE_MAX", groupByFields = [] }
        }
      }]
    },
    {
      title = "Validation failure rate"
      queries = [{
        timeSeriesFilterRatio = {
          numerator = {
            filter      = "metric.type = \"${local.custom_metrics}/event_validation_failures\""
            aggregation = { alignmentPeriod = "60s", perSeriesAligner = "ALIGN_RATE", crossSeriesReducer = "REDUCE_SUM" }
          }
          denominator = {
            filter      = "metric.type = \"${local.custom_metrics}/events_received\""
            aggregation = { alignmentPeriod = "60s", perSeriesAligner = "ALIGN_RATE", crossSeriesReducer = "REDUCE_SUM" }
          }
        }
      }]
    },
    {
      title = "Pub/Sub message backlog"
      queries = [{
        timeSeriesFilter = {
          filter      = "metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\" AND ${local.sink_filter}"
          aggregation = { alignmentPeriod = "60s", perSeriesAligner = "ALIGN_MAX", crossSeriesReducer = "REDUCE_NONE", groupByFields = [] }
        }
      }]
    },
    {
      title = "BigQuery write success rate"
      queries = [{
        timeSeriesFilterRatio = {
          numerator = {
            filter      = "${local.pushes} AND metric.labels.response_class = \"ack\""
            aggregation = { alignmentPeriod = "60s", perSeriesAligner = "ALIGN_RATE", crossSeriesReducer = "REDUCE_SUM" }
          }
          denominator = {
            filter      = local.pushes
            aggregation = { alignmentPeriod = "60s", perSeriesAligner = "ALIGN_RATE", crossSeriesReducer = "REDUCE_SUM" }
          }
        }
      }]
    },
  ]
}
