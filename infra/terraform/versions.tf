terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.0"
    }
    # Only for the identity of Pub/Sub, which the provider `google` does not have.
    google-beta = {
      source  = "hashicorp/google-beta"
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

provider "google-beta" {
  project = var.project_id
  region  = var.region
}
