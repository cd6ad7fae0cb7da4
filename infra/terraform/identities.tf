# One service account a duty, each with the least it needs, on the resource rather than the project
# where Google Cloud allows it.

locals {
  pubsub_agent = google_project_service_identity.pubsub.member
}

resource "google_service_account" "collector" {
  account_id   = "bioqms-collector"
  display_name = "Collector: publishes events"
  depends_on   = [google_project_service.apis]
}

resource "google_service_account" "transform" {
  account_id   = "bioqms-transform"
  display_name = "dbt and checks: reads raw, writes analytics"
  depends_on   = [google_project_service.apis]
}

resource "google_service_account" "reports" {
  account_id   = "bioqms-reports"
  display_name = "Reports: reads the marts"
  depends_on   = [google_project_service.apis]
}

resource "google_service_account" "looker" {
  account_id   = "bioqms-looker"
  display_name = "Looker Studio: reads the marts"
  depends_on   = [google_project_service.apis]
}

resource "google_service_account" "scheduler" {
  account_id   = "bioqms-scheduler"
  display_name = "Cloud Scheduler: starts the jobs"
  depends_on   = [google_project_service.apis]
}

# --- collector

resource "google_pubsub_topic_iam_member" "collector_publishes" {
  topic  = google_pubsub_topic.events.id
  role   = "roles/pubsub.publisher"
  member = google_service_account.collector.member
}

resource "google_pubsub_topic_iam_member" "collector_publishes_rejects" {
  topic  = google_pubsub_topic.dead_letter.id
  role   = "roles/pubsub.publisher"
  member = google_service_account.collector.member
}

resource "google_secret_manager_secret_iam_member" "collector_reads_secrets" {
  for_each  = google_secret_manager_secret.collector
  secret_id = each.value.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.collector.member
}

resource "google_project_iam_member" "collector_writes_metrics" {
  project = var.project_id
  role    = "roles/monitoring.metricWriter"
  member  = google_service_account.collector.member
}

# --- Pub/Sub's own agent

resource "google_bigquery_table_iam_member" "pubsub_writes_raw_events" {
  dataset_id = google_bigquery_table.raw_events.dataset_id
  table_id   = google_bigquery_table.raw_events.table_id
  role       = "roles/bigquery.dataEditor"
  member     = local.pubsub_agent
}

resource "google_pubsub_topic_iam_member" "pubsub_forwards_dead_letters" {
  topic  = google_pubsub_topic.dead_letter.id
  role   = "roles/pubsub.publisher"
  member = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "pubsub_acknowledges_dead_letters" {
  subscription = google_pubsub_subscription.bigquery_sink.id
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}

# --- jobs and readers

resource "google_bigquery_dataset_iam_member" "transform_reads_raw" {
  dataset_id = google_bigquery_dataset.raw.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = google_service_account.transform.member
}

# Only owners of the dataset can set row access policies (dbt's var row_access) and grants.
resource "google_bigquery_dataset_iam_member" "transform_writes_analytics" {
  dataset_id = google_bigquery_dataset.analytics.dataset_id
  role       = var.row_access ? "roles/bigquery.dataOwner" : "roles/bigquery.dataEditor"
  member     = google_service_account.transform.member
}

resource "google_bigquery_dataset_iam_member" "readers_read_analytics" {
  for_each = toset(concat(
    [google_service_account.reports.member, google_service_account.looker.member],
    var.analysts,
  ))
  dataset_id = google_bigquery_dataset.analytics.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = each.value
}

resource "google_project_iam_member" "runs_queries" {
  for_each = toset(concat(
    [
      google_service_account.transform.member,
      google_service_account.reports.member,
      google_service_account.looker.member,
    ],
    var.analysts,
  ))
  project = var.project_id
  role    = "roles/bigquery.jobUser"
  member  = each.value
}

# Replay takes dead letters and sends them through the collector's steps again.
resource "google_pubsub_subscription_iam_member" "transform_replays" {
  subscription = google_pubsub_subscription.dead_letter.id
  role         = "roles/pubsub.subscriber"
  member       = google_service_account.transform.member
}

resource "google_pubsub_topic_iam_member" "transform_replays" {
  topic  = google_pubsub_topic.events.id
  role   = "roles/pubsub.publisher"
  member = google_service_account.transform.member
}

resource "google_cloud_run_v2_job_iam_member" "scheduler_starts_jobs" {
  for_each = google_cloud_run_v2_job.jobs
  name     = each.value.name
  location = each.value.location
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
}
