variable "project_id" {
  description = "The Google Cloud project."
  type        = string
}

variable "region" {
  description = "Where the collector and the jobs run."
  type        = string
  default     = "us-central1"
}

variable "bigquery_location" {
  description = "Where the data lies; dbt's BIOQMS_BQ_LOCATION must say the same."
  type        = string
  default     = "US"
}

variable "collector_image" {
  description = "Image of the collector, by digest (infra/Dockerfile, target collector)."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.collector_image))
    error_message = "Name the image by its digest: ...@sha256:<64 hex digits>."
  }
}

variable "jobs_image" {
  description = "Image of the jobs, by digest (infra/Dockerfile, target jobs)."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.jobs_image))
    error_message = "Name the image by its digest: ...@sha256:<64 hex digits>."
  }
}

variable "collector_max_instances" {
  description = "Upper bound of the collector's instances, and so of what it can cost."
  type        = number
  default     = 20
}

variable "trusted_proxies" {
  description = "Networks whose X-Forwarded-For the collector believes (BIOQMS_TRUSTED_PROXIES)."
  type        = string
  default     = "169.254.0.0/16"
}

variable "maximum_bytes_billed" {
  description = "What one query of a job may scan, in bytes; a query that would scan more fails unbilled."
  type        = number
  default     = 1000000000000
}

variable "reports_enabled" {
  description = "Whether the job of the weekly report is scheduled: true once the image has the command `bioqms report`."
  type        = bool
  default     = false
}

variable "row_access" {
  description = "Whether dbt's var row_access is set: builds then own the dataset of marts, as policies demand."
  type        = bool
  default     = false
}

variable "analysts" {
  description = "Who may read the marts, as IAM members: group:analysts@example.com."
  type        = list(string)
  default     = []
}

variable "urgent_channels" {
  description = "Notification channels of the person on call, by full name: projects/p/notificationChannels/1 (docs/production.md)."
  type        = list(string)
  default     = []
}

variable "team_channels" {
  description = "Notification channels of the team, by full name."
  type        = list(string)
  default     = []
}

variable "hours_without_build" {
  description = "After how many hours without a successful build an alert fires, from 1 to 23; 0: never, for builds that run once a day or less."
  type        = number
  default     = 4

  validation {
    condition     = var.hours_without_build >= 0 && var.hours_without_build <= 23
    error_message = "Give a number of hours from 0 to 23: Cloud Monitoring does not look further back."
  }
}

variable "dead_letters_tolerated" {
  description = "How many dead letters may wait before an alert fires; what the collector refused is among them."
  type        = number
  default     = 10000
}
