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

event_copies as (

    select * from {{ ref('int_event_copies') }}

),

-- A copy that arrives can take the first place from one that was counted on
-- another day or device: that day is touched too.
days_of_copies as (

    select
        event_copies.tenant_id,
        event_copies.stream_key,
        event_copies.event_date,
        new_events._loaded_at
    from new_events
    inner join event_copies
        on
            new_events.tenant_id = event_copies.tenant_id
            and new_events.event_id = event_copies.event_id

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
