{{
    config(
        materialized='incremental',
        incremental_strategy=incremental_strategy('append'),
        on_schema_change='fail',
        partition_by=partition_by_day('_loaded_at', 'timestamp'),
        partition_expiration_days=var('retention_days')
    )
}}

with

new_events as (

    select
        tenant_id,
        event_id,
        stream_key,
        event_date,
        _loaded_at
    from {{ ref('stg_events') }}
    where
        _loaded_at > {{ newest_build() if is_incremental() else "cast('1970-01-01' as timestamp)" }}
        and reject_reason is null

),

-- Distinct before the join: an event sent a thousand times would join a
-- thousand copies with a thousand.
new_ids as (

    select distinct
        tenant_id,
        event_id,
        _loaded_at
    from new_events

),

copied_days as (

    select distinct
        tenant_id,
        event_id,
        stream_key,
        event_date
    from {{ ref('int_event_copies') }}

),

-- A new copy can win over one that was counted on another day or device, so
-- that day is also touched.
days_of_copies as (

    select
        copied_days.tenant_id,
        copied_days.stream_key,
        copied_days.event_date,
        new_ids._loaded_at
    from new_ids
    inner join copied_days
        on
            new_ids.tenant_id = copied_days.tenant_id
            and new_ids.event_id = copied_days.event_id

),

all_days as (

    select
        tenant_id,
        stream_key,
        event_date,
        _loaded_at
    from new_events

    union all

    select
        tenant_id,
        stream_key,
        event_date,
        _loaded_at
    from days_of_copies

),

final as (

    select distinct
        tenant_id,
        stream_key,
        event_date,
        _loaded_at
    from all_days

)

select * from final
