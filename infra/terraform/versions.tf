terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.0"
    }
  }

  # The state's bucket is named at `terraform init -backend-config=bucket=...`.
  backend "gcs" {
    prefix = "bioqms-analytics"
  }
}

provider "google" {
  project = var.project_id
  region  = var.region

  default_labels = {
    app = "bioqms-analytics"
  }
}

data "google_project" "this" {
  project_id = var.project_id
}
