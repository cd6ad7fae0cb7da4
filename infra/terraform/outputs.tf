output "collector_url" {
  description = "Where clients send events."
  value       = google_cloud_run_v2_service.collector.uri
}

output "topic" {
  description = "The topic of events."
  value       = google_pubsub_topic.events.id
}

output "dead_letter_subscription" {
  description = "Where to look for what could not be written."
  value       = google_pubsub_subscription.dead_letter.id
}
