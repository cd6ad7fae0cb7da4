{{ config(materialized='view', meta={'partition_column': 'event_date'}) }}

with

events as (

    select *
    from {{ ref('int_events') }}
    where event_date <= {{ as_of_date() }}

),

resolved as (

    {{ with_resolved_user('events', event_at='timestamp') }}

),

final as (

    select
        ---------- ids
        tenant_id,
        event_id,
        resolved_user_id as user_id,
        user_id as original_user_id,
        anonymous_id,
        client_session_id,

        ---------- what happened
        event_name,
        event_version,

        ---------- when
        event_date,
        resolved.timestamp,
        received_at,
        sent_at,

        ---------- where
        page_url,
        page_path,
        page_title,
        page_referrer,
        user_agent,
        ip,
        locale,
        timezone,
        device_type,
        device_vendor,
        device_model,
        os_name,
        os_version,
        browser_name,
        browser_version,
        context_extra,

        ---------- what the client says of it
        properties,
        traits

    from resolved

)

select * from final
