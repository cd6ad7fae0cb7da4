# The way of an event: topic -> BigQuery subscription -> raw.events; what cannot be written goes to
# the dead-letter topic after five attempts.

resource "google_pubsub_schema" "event_schema" {
  name       = "bioqms-event-schema-v1"
  type       = "AVRO"
  definition = file("${path.module}/../../ingest/schemas/event.avsc")
  depends_on = [google_project_service.apis]
}

resource "google_pubsub_topic" "events" {
  name                       = "bioqms-events"
  message_retention_duration = "604800s" # 7 days, so that a broken sink can be replayed

  schema_settings {
    schema   = google_pubsub_schema.event_schema.id
    encoding = "JSON"
  }
}

resource "google_pubsub_subscription" "bigquery_sink" {
  name                       = "bioqms-events-to-bigquery"
  topic                      = google_pubsub_topic.events.id
  ack_deadline_seconds       = 20
  message_retention_duration = "604800s"

  bigquery_config {
    table               = "${var.project_id}.${google_bigquery_table.raw_events.dataset_id}.${google_bigquery_table.raw_events.table_id}"
    use_topic_schema    = true
    write_metadata      = true
    drop_unknown_fields = false
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letter.id
    max_delivery_attempts = 5
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  expiration_policy {
    ttl = "" # never
  }

  depends_on = [google_bigquery_table_iam_member.pubsub_writes_raw_events]
}

# No schema here: whatever failed must be able to arrive, also what the collector refused.
resource "google_pubsub_topic" "dead_letter" {
  name                       = "bioqms-events-dead-letter"
  message_retention_duration = "604800s"
  depends_on                 = [google_project_service.apis]
}

# Kept until somebody looks and replays (`bioqms replay`); a topic without subscription keeps nothing.
resource "google_pubsub_subscription" "dead_letter" {
  name                       = "bioqms-events-dead-letter-pull"
  topic                      = google_pubsub_topic.dead_letter.id
  ack_deadline_seconds       = 60
  message_retention_duration = "604800s"

  expiration_policy {
    ttl = ""
  }
}
