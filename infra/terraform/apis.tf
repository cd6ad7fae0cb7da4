# Every API that these files use. On an empty project two must already be on, so that Terraform can ask for
# the others: serviceusage and cloudresourcemanager (docs/production.md).

resource "google_project_service" "apis" {
  for_each = toset([
    "artifactregistry.googleapis.com", # the images' repository, which is made before
    "bigquery.googleapis.com",
    "cloudresourcemanager.googleapis.com", # rights on the project
    "cloudscheduler.googleapis.com",
    "iam.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "pubsub.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "serviceusage.googleapis.com",
  ])
  service = each.value

  # Other things in the project may use them, too.
  disable_on_destroy = false
}

# Google makes this identity at Pub/Sub's first use; rights are granted to it before.
resource "google_project_service_identity" "pubsub" {
  provider   = google-beta
  service    = "pubsub.googleapis.com"
  depends_on = [google_project_service.apis]
}
