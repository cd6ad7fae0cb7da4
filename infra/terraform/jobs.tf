locals {
  jobs = {
    build = {
      args            = ["build", "--target", "prod", "--test-days", "3", "--verbose"]
      schedule        = "5 0-2,4-23 * * *" # hourly, but when the history is audited
      service_account = google_service_account.transform.email
    }
    # The same build with tests of all that is kept: they scan as much as the build itself.
    audit = {
      args            = ["build", "--target", "prod", "--verbose"]
      schedule        = "5 3 * * *"
      service_account = google_service_account.transform.email
    }
    check = {
      args            = ["check", "--no-docs", "--log-line"]
      schedule        = "35 * * * *"
      service_account = google_service_account.transform.email
    }
    reports = {
      args            = ["report"]
      schedule        = "0 7 * * 1" # Monday morning
      service_account = google_service_account.reports.email
    }
  }

  # The image's `bioqms report` comes with the reports; until then a job of it could only fail.
  scheduled_jobs = { for name, job in local.jobs : name => job if name != "reports" || var.reports_enabled }

  job_environment = {
    BIOQMS_TARGET       = "prod"
    BIOQMS_DATA         = "/tmp/bioqms"
    BIOQMS_BQ_PROJECT   = var.project_id
    BIOQMS_BQ_DATASET   = google_bigquery_dataset.analytics.dataset_id
    BIOQMS_BQ_LOCATION  = var.bigquery_location
    BIOQMS_BQ_MAX_BYTES = tostring(var.maximum_bytes_billed)
  }
}

resource "google_cloud_run_v2_job" "jobs" {
  for_each = local.scheduled_jobs
  name     = "bioqms-${each.key}"
  location = var.region

  template {
    template {
      service_account = each.value.service_account
      timeout         = "3600s"
      max_retries     = 1 # every job may be run again: what it left undone, it does

      containers {
        image = var.jobs_image
        args  = each.value.args

        resources {
          limits = {
            cpu    = "1"
            memory = "2Gi"
          }
        }

        dynamic "env" {
          for_each = local.job_environment

          content {
            name  = env.key
            value = env.value
          }
        }
      }
    }
  }
}

resource "google_cloud_scheduler_job" "jobs" {
  for_each         = local.scheduled_jobs
  name             = "bioqms-${each.key}"
  region           = var.region
  schedule         = each.value.schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = "60s"

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.jobs[each.key].id}:run"

    oauth_token {
      service_account_email = google_service_account.scheduler.email
    }
  }
}
