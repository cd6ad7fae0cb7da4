resource "google_bigquery_dataset" "raw" {
  dataset_id  = "raw"
  location    = var.bigquery_location
  description = "Events as they landed. Written only by Pub/Sub, read only by dbt."
  depends_on  = [google_project_service.apis]
}

resource "google_bigquery_dataset" "analytics" {
  dataset_id  = "analytics"
  location    = var.bigquery_location
  description = "What dbt builds: staging, intermediate and marts. Readers use the marts."
  depends_on  = [google_project_service.apis]
}

# The shape is that of ingest/schemas/raw_events.sql; a test compares them.
resource "google_bigquery_table" "raw_events" {
  dataset_id               = google_bigquery_dataset.raw.dataset_id
  table_id                 = "events"
  description              = "Events as they landed."
  schema                   = file("${path.module}/raw_events.json")
  clustering               = ["tenant_id", "event_name", "user_id"]
  require_partition_filter = true
  deletion_protection      = true

  time_partitioning {
    type          = "DAY"
    field         = "publish_time"
    expiration_ms = 63072000000 # 730 days
  }
}
