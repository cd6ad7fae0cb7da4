{{
    config(
        materialized='incremental',
        incremental_strategy=incremental_strategy('days'),
        pre_hook="{{ delete_touched_dates() }}",
        on_schema_change='fail',
        partition_by=partition_by_day('event_date'),
        cluster_by=['tenant_id', 'event_name'],
        partition_expiration_days=var('retention_days')
    )
}}

-- depends_on: {{ ref('int_touched_days') }}

with

-- A copy that wins later can take an event to another minute, so the dates that
-- new rows touch are recounted as a whole.
events as (

    select *
    from {{ ref('int_events') }}
    where {{ on_touched_dates() }}

),

final as (

    select
        ---------- ids
        tenant_id,
        event_date,
        {{ start_of_minute('events.timestamp') }} as minute_at,
        event_name,

        ---------- counts
        count(*) as event_count

    from events
    group by 1, 2, 3, 4

)

select * from final
