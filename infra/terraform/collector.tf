# Secrets hold no version here: their values never pass through Terraform's state (docs/production.md).
resource "google_secret_manager_secret" "collector" {
  for_each  = toset(["bioqms-write-keys", "bioqms-pseudonym-key"])
  secret_id = each.value

  replication {
    auto {}
  }

  depends_on = [google_project_service.apis]
}

resource "google_cloud_run_v2_service" "collector" {
  name                = "bioqms-collector"
  location            = var.region
  ingress             = "INGRESS_TRAFFIC_ALL"
  deletion_protection = true

  template {
    service_account                  = google_service_account.collector.email
    timeout                          = "30s"
    max_instance_request_concurrency = 32

    scaling {
      min_instance_count = 1
      max_instance_count = var.collector_max_instances
    }

    volumes {
      name = "write-keys"

      secret {
        secret = google_secret_manager_secret.collector["bioqms-write-keys"].secret_id

        items {
          version = "latest"
          path    = "keys.json"
        }
      }
    }

    containers {
      image = var.collector_image
      args  = ["collect"]

      ports {
        container_port = 8080
      }

      resources {
        limits = {
          cpu    = "2"
          memory = "1Gi"
        }
        # Metrics are written between requests, too.
        cpu_idle = false
      }

      env {
        name  = "BIOQMS_SINK"
        value = "pubsub"
      }

      env {
        name  = "BIOQMS_PUBSUB_TOPIC"
        value = google_pubsub_topic.events.id
      }

      env {
        # An instance's disk ends with it: what is refused is kept by the dead-letter topic.
        name  = "BIOQMS_PUBSUB_REJECTS_TOPIC"
        value = google_pubsub_topic.dead_letter.id
      }

      env {
        name  = "BIOQMS_METRICS_PROJECT"
        value = var.project_id
      }

      env {
        name  = "BIOQMS_HOST"
        value = "0.0.0.0"
      }

      env {
        name  = "BIOQMS_PORT"
        value = "8080"
      }

      env {
        name  = "BIOQMS_WORKERS"
        value = "2"
      }

      env {
        name  = "BIOQMS_DATA"
        value = "/tmp/bioqms"
      }

      env {
        name  = "BIOQMS_TRUSTED_PROXIES"
        value = var.trusted_proxies
      }

      env {
        name  = "BIOQMS_WRITE_KEYS_FILE"
        value = "/secrets/write-keys/keys.json"
      }

      env {
        name = "BIOQMS_PSEUDONYM_KEY"

        value_source {
          secret_key_ref {
            secret  = google_secret_manager_secret.collector["bioqms-pseudonym-key"].secret_id
            version = "latest"
          }
        }
      }

      volume_mounts {
        name       = "write-keys"
        mount_path = "/secrets/write-keys"
      }

      # Takes events: it could write where it must, and Pub/Sub has not just failed.
      startup_probe {
        period_seconds    = 2
        timeout_seconds   = 2
        failure_threshold = 30

        http_get {
          path = "/ready"
        }
      }

      # Lives: an outage of Pub/Sub is no reason to restart it.
      liveness_probe {
        period_seconds    = 10
        timeout_seconds   = 5
        failure_threshold = 3

        http_get {
          path = "/health"
        }
      }
    }
  }

  depends_on = [
    google_project_iam_member.collector_writes_metrics,
    google_pubsub_topic_iam_member.collector_publishes,
    google_pubsub_topic_iam_member.collector_publishes_rejects,
    google_secret_manager_secret_iam_member.collector_reads_secrets,
  ]
}

# Public: every request carries a write key, which the collector checks.
resource "google_cloud_run_v2_service_iam_member" "anyone_sends_events" {
  name     = google_cloud_run_v2_service.collector.name
  location = google_cloud_run_v2_service.collector.location
  role     = "roles/run.invoker"
  member   = "allUsers"
}
