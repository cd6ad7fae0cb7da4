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
      # No row says when BigQuery wrote it: what the last step adds is how long the oldest event waits for it.
      title = "Event to warehouse: P50, P95 and P99 to receipt, and the oldest wait for BigQuery"
      queries = concat(
        [for percentile in ["p50", "p95", "p99"] : {
          timeSeriesFilter = {
            filter      = "metric.type = \"logging.googleapis.com/user/${google_logging_metric.event_latency[percentile].name}\" AND resource.type = \"cloud_run_job\""
            aggregation = { alignmentPeriod = "3600s", perSeriesAligner = "ALIGN_DELTA", crossSeriesReducer = "REDUCE_MEAN", groupByFields = [] }
          }
        }],
        [{
          timeSeriesFilter = {
            filter      = "metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND ${local.sink_filter}"
            aggregation = { alignmentPeriod = "60s", perSeriesAligner = "ALIGN_MAX", crossSeriesReducer = "REDUCE_MAX", groupByFields = [] }
          }
        }]
      )
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
    {
      title = "Collector answers, by class"
      queries = [{
        timeSeriesFilter = {
          filter      = local.requests
          aggregation = { alignmentPeriod = "60s", perSeriesAligner = "ALIGN_RATE", crossSeriesReducer = "REDUCE_SUM", groupByFields = ["metric.label.response_code_class"] }
        }
      }]
    },
    {
      title = "Dead letters that wait"
      queries = [{
        timeSeriesFilter = {
          filter      = "metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\" AND ${local.letters_filter}"
          aggregation = { alignmentPeriod = "300s", perSeriesAligner = "ALIGN_MAX", crossSeriesReducer = "REDUCE_NONE", groupByFields = [] }
        }
      }]
    },
    {
      title = "Jobs that ended, by job and result"
      queries = [{
        timeSeriesFilter = {
          filter      = local.executions
          aggregation = { alignmentPeriod = "3600s", perSeriesAligner = "ALIGN_DELTA", crossSeriesReducer = "REDUCE_SUM", groupByFields = ["resource.label.job_name", "metric.label.result"] }
        }
      }]
    },
  ]
}
