{{
    config(
        materialized='incremental',
        incremental_strategy=incremental_strategy('append'),
        on_schema_change='fail',
        partition_by=partition_by_day('_loaded_at', 'timestamp'),
        cluster_by=['tenant_id', 'event_name'],
        partition_expiration_days=var('retention_days'),
        require_partition_filter=true
    )
}}

with

source as (

    select *
    from {{ landed_events() }}
    where {{ new_landed_rows() }}

),

-- An empty string counts as missing.
typed as (

    select
        ---------- ids
        nullif(tenant_id, '') as tenant_id,
        nullif(event_id, '') as event_id,
        nullif(user_id, '') as user_id,
        nullif(anonymous_id, '') as anonymous_id,
        nullif(session_id, '') as client_session_id,

        ---------- what happened
        nullif(event_name, '') as event_name,
        nullif(event_version, '') as event_version,

        ---------- when
        {{ safe_timestamp('source.timestamp') }} as timestamp,
        {{ safe_timestamp('source.received_at') }} as received_at,
        {{ safe_timestamp('source.sent_at') }} as sent_at,

        ---------- where
        nullif(context.page.url, '') as page_url,
        nullif(context.page.path, '') as page_path,
        nullif(context.page.title, '') as page_title,
        nullif(context.page.referrer, '') as page_referrer,
        nullif(context.user_agent, '') as user_agent,
        nullif(context.ip, '') as ip,
        nullif(context.locale, '') as locale,
        nullif(context.timezone, '') as timezone,
        nullif(context.device.type, '') as device_type,
        nullif(context.device.vendor, '') as device_vendor,
        nullif(context.device.model, '') as device_model,
        nullif(context.os.name, '') as os_name,
        nullif(context.os.version, '') as os_version,
        nullif(context.browser.name, '') as browser_name,
        nullif(context.browser.version, '') as browser_version,
        nullif(context.extra, '') as context_extra,

        ---------- what the client says of it
        coalesce(properties, json '{}') as properties,
        coalesce(traits, json '{}') as traits,

        ---------- how it came here
        {{ landing_key() }} as _landing_key,
        {{ build_instant() }} as _loaded_at

    from source

),

-- A row that cannot be counted is kept with the first reason that applies: no
-- landed row is dropped, and no row without a time or an owner is counted.
final as (

    select
        *,
        {{ date_of('typed.timestamp') }} as event_date,
        -- An event belongs to its device, or to its user if it has no device.
        coalesce('d:' || anonymous_id, 'u:' || user_id) as stream_key,
        {{ event_key() }} as event_key,
        case
            when tenant_id is null
                then 'missing_tenant'
            when event_id is null
                then 'missing_event_id'
            when event_name is null
                then 'missing_event_name'
            when
                not {{ matches('event_name', '^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*){1,2}$') }}
                then 'invalid_event_name'
            when user_id is null and anonymous_id is null
                then 'missing_identity'
            when received_at is null
                then 'unparsable_received_at'
            when typed.timestamp is null
                then 'unparsable_timestamp'
            when
                typed.timestamp > {{ add_seconds('received_at', 86400) }}
                then 'future_timestamp'
            {%- if kept_days() %}
            when
                {{ days_between(date_of('typed.timestamp'), date_of('received_at')) }}
                >= {{ kept_days() }}
                then 'expired'
            {%- endif %}
        end as reject_reason
    from typed
    where {{ is_not_taken() }}

)

select * from final
