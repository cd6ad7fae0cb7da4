-- raw.events: what the BigQuery subscription writes, one row a message, as the collector published it.
-- All columns are nullable: the landing zone accepts every row; staging rejects. Partitioned by the day
-- of receipt, so that new rows are found without a scan of history. The columns of the event are
-- those of event.avsc; the last four are the subscription's metadata (write_metadata).
create table if not exists raw.events (
    event_id string options (description = "The client's id of the event or the collector's."),
    event_name string options (description = 'category.action[.modifier].'),
    event_version string options (description = "Version of the event's own schema."),
    timestamp string options (description = 'When it happened; ISO 8601 text.'),
    sent_at string options (
        description = 'When the client sent it, by its own clock; ISO 8601 text.'
    ),
    received_at string options (
        description = 'When the collector first received it; ISO 8601 text.'
    ),
    session_id string options (description = "The client's own session."),
    user_id string options (description = 'The user the client named.'),
    anonymous_id string options (description = 'The device.'),
    tenant_id string options (description = 'Whose event it is.'),
    context struct<
        page struct<
            url string,
            path string,
            title string,
            referrer string
        >,
        user_agent string,
        ip string,
        locale string,
        timezone string,
        device struct<
            type string,
            vendor string,
            model string
        >,
        os struct<
            name string,
            version string
        >,
        browser struct<
            name string,
            version string
        >,
        extra string
    > options (description = 'Where it happened.'),
    properties json options (description = 'Facts of the event.'),
    traits json options (description = 'Facts of the user or account.'),
    subscription_name string options (description = 'The subscription that wrote the row.'),
    message_id string options (description = "Pub/Sub's id of the message; a redelivery repeats it."),
    publish_time timestamp options (description = 'When Pub/Sub took the message.'),
    attributes json options (description = "The message's attributes and its ordering key.")
)
partition by date(publish_time)
cluster by tenant_id, event_name, user_id
options (
    partition_expiration_days = 730,
    require_partition_filter = true,
    description = 'Events as they landed.'
);
