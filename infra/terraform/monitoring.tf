# What alerts.tf and dashboard.tf read, and who writes it. The specification's metric
# bigquery.googleapis.com/streaming_insert/failed_rows does not exist for BigQuery subscriptions: their writes are
# the subscription's pushes.

locals {
  all_channels   = distinct(concat(var.urgent_channels, var.team_channels))
  sink_filter    = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${google_pubsub_subscription.bigquery_sink.name}\""
  letters_filter = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${google_pubsub_subscription.dead_letter.name}\""
  pushes         = "metric.type = \"pubsub.googleapis.com/subscription/push_request_count\" AND ${local.sink_filter}"
  custom_metrics = "custom.googleapis.com/analytics"
  collector      = "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = \"${google_cloud_run_v2_service.collector.name}\""
  requests       = "metric.type = \"run.googleapis.com/request_count\" AND ${local.collector}"
  executions     = "metric.type = \"run.googleapis.com/job/completed_execution_count\" AND resource.type = \"cloud_run_job\""
  # The line of `bioqms check --log-line` (expectations/log_line.py).
  gate_lines = "resource.type = \"cloud_run_job\" AND resource.labels.job_name = \"${google_cloud_run_v2_job.jobs["check"].name}\" AND jsonPayload.check = \"quality_gate\""
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

  depends_on = [google_project_service.apis]
}

# Seconds from event to receipt, which the gate prints once an hour.
resource "google_logging_metric" "event_latency" {
  for_each        = toset(["p50", "p95", "p99"])
  name            = "bioqms_event_latency_${each.key}"
  description     = "Seconds from event to receipt in the newest hour, ${each.key}."
  filter          = "${local.gate_lines} AND jsonPayload.latency_seconds.${each.key}:*"
  value_extractor = "EXTRACT(jsonPayload.latency_seconds.${each.key})"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "s"
  }

  # The chart shows the mean of the one value an hour, which is exact whatever the buckets.
  bucket_options {
    exponential_buckets {
      num_finite_buckets = 30
      growth_factor      = 2
      scale              = 0.01
    }
  }
}

# From outside, once a minute from each of Google's regions.
resource "google_monitoring_uptime_check_config" "collector" {
  display_name = "bioqms-collector"
  period       = "60s"
  timeout      = "10s"

  http_check {
    path         = "/ready"
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project_id
      host       = trimprefix(google_cloud_run_v2_service.collector.uri, "https://")
    }
  }
}

# Cloud Run logs a line of a kilobyte a request, with the sender's address. Errors stay.
resource "google_logging_project_exclusion" "collector_requests" {
  name        = "bioqms-collector-requests"
  description = "Requests that the collector answered without an error of its own."
  filter      = "${local.collector} AND log_id(\"run.googleapis.com/requests\") AND httpRequest.status < 500"
}
