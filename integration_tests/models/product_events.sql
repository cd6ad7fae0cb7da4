-- The shop's clicks with the names and types of the package's source, raw.events (docs/dbt.md).

{{ config(materialized='view') }}

select
    click_id as event_id,
    what as event_name,
    what_version as event_version,
    happened_at as "timestamp",
    sent_at,
    received_at,
    visit as session_id,
    customer as user_id,
    browser as anonymous_id,
    shop as tenant_id,
    from_json(
        context,
        '{
            "page": {"url": "VARCHAR", "path": "VARCHAR", "title": "VARCHAR", "referrer": "VARCHAR"},
            "user_agent": "VARCHAR", "ip": "VARCHAR", "locale": "VARCHAR", "timezone": "VARCHAR",
            "device": {"type": "VARCHAR", "vendor": "VARCHAR", "model": "VARCHAR"},
            "os": {"name": "VARCHAR", "version": "VARCHAR"},
            "browser": {"name": "VARCHAR", "version": "VARCHAR"},
            "extra": "VARCHAR"
        }'
    ) as context,
    cast(properties as json) as properties,
    cast(traits as json) as traits
from {{ ref('clicks') }}
