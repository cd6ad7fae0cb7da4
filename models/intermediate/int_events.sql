{{
    config(
        materialized='incremental',
        incremental_strategy=incremental_strategy('rows'),
        unique_key=['tenant_id', 'event_id'],
        on_schema_change='fail',
        partition_by=partition_by_day('event_date'),
        cluster_by=['tenant_id', 'event_name', 'user_id'],
        partition_expiration_days=var('retention_days'),
        require_partition_filter=true
    )
}}

-- depends_on: {{ ref('int_touched_days') }}

with

-- A row is read only after its copies are known. Otherwise it could take the
-- place of the winning copy, and keep it.
landed as (

    select *
    from {{ ref('stg_events') }}
    where
        _loaded_at > {{ newest_build() if is_incremental() else "cast('1970-01-01' as timestamp)" }}
        and _loaded_at <= {{ read_through() }}
        and reject_reason is null

),

event_copies as (

    select * from {{ ref('int_event_copies') }}

),

winners as (

    select * from event_copies
    where copy_number = 1

),

-- Most events arrive once.
single_events as (

    select landed.*
    from landed
    left join winners
        on
            landed.tenant_id = winners.tenant_id
            and landed.event_id = winners.event_id
    where winners.event_id is null

),

-- Of an event that arrived more than once only the winner is inserted, if it is
-- among the new rows; if an earlier run read it, it is already here. Exact
-- copies are all the winner: one is enough. (In `qualify`, so that only the few
-- repeated events are fingerprinted.)
winning_copies as (

    select landed.*
    from landed
    inner join winners
        on
            landed.tenant_id = winners.tenant_id
            and landed.event_id = winners.event_id
    qualify
        {{ event_fingerprint('landed') }} = winners.fingerprint
        and row_number() over (
            partition by landed.tenant_id, landed.event_id
            order by
                case
                    when {{ event_fingerprint('landed') }} = winners.fingerprint
                        then 0
                    else 1
                end,
                landed._loaded_at
        ) = 1

),

accepted as (

    select * from single_events

    union all

    select * from winning_copies

),

final as (

    select
        ---------- ids
        tenant_id,
        event_id,
        user_id,
        anonymous_id,
        stream_key,
        client_session_id,

        ---------- what happened
        event_name,
        event_version,

        ---------- when
        event_date,
        accepted.timestamp,
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

    from accepted

)

select * from final
