{{
    config(
        materialized='incremental',
        incremental_strategy=incremental_strategy('rows'),
        unique_key=['tenant_id', 'received_hour_at'],
        on_schema_change='fail',
        partition_by=partition_by_day('received_hour_at', 'timestamp'),
        cluster_by=['tenant_id'],
        partition_expiration_days=var('retention_days')
    )
}}

-- depends_on: {{ ref('int_landing_hours') }}

with

-- An hour is counted as a whole, for every tenant: a row that arrives touches
-- its own hour, and the hours in which copies of its event arrived, because
-- another copy may become the duplicate.
landed as (

    select *
    from {{ ref('stg_events') }}
    where {{ touched_receipts() }}

),

event_copies as (

    select * from {{ ref('int_event_copies') }}

),

event_catalog as (

    select * from {{ ref('event_catalog') }}

),

-- Every row counts, also rejected ones.
received as (

    select
        coalesce(tenant_id, '(unknown)') as tenant_id,
        {{ start_of_hour('received_at') }} as received_hour_at,
        event_name,
        user_id,
        reject_reason,
        {{ micros_between('landed.timestamp', 'landed.received_at') }}
            as latency_micros
    from landed

),

-- An event that is not in the catalogue should also have a user.
judged as (

    select
        received.tenant_id,
        received.received_hour_at,
        received.latency_micros,
        received.reject_reason is not null as is_rejected,
        not coalesce(event_catalog.is_anonymous, false) as should_have_user,
        received.user_id is null as has_no_user
    from received
    left join event_catalog
        on received.event_name = event_catalog.event_name

),

counted as (

    select
        tenant_id,
        received_hour_at,
        count(*) as events,
        {{ count_where('is_rejected') }} as rejected_events,
        {{ count_where('should_have_user') }} as user_expected_events,
        {{ count_where('should_have_user and has_no_user') }}
            as missing_user_events,
        count(latency_micros) as timed_events,
        sum(cast(latency_micros as {{ type_wide() }})) as latency_micros_sum
    from judged
    group by 1, 2

),

-- Percentiles are by nearest rank, so each row gets its rank in its hour.
ranked as (

    select
        tenant_id,
        received_hour_at,
        latency_micros,
        row_number() over (
            partition by tenant_id, received_hour_at
            order by latency_micros
        ) as latency_rank,
        count(*) over (
            partition by tenant_id, received_hour_at
        ) as latency_count
    from judged
    where latency_micros is not null

),

latencies as (

    select
        tenant_id,
        received_hour_at,
        {{ nearest_rank('latency_micros', 'latency_rank', 'latency_count', 50) }}
            as p50_latency_micros,
        {{ nearest_rank('latency_micros', 'latency_rank', 'latency_count', 95) }}
            as p95_latency_micros,
        {{ nearest_rank('latency_micros', 'latency_rank', 'latency_count', 99) }}
            as p99_latency_micros
    from ranked
    group by 1, 2

),

-- All copies of an event except the first one received.
duplicates as (

    select
        tenant_id,
        {{ start_of_hour('received_at') }} as received_hour_at,
        count(*) as duplicate_events
    from event_copies
    where copy_number > 1
    group by 1, 2

),

final as (

    select
        ---------- ids
        counted.tenant_id,
        counted.received_hour_at,

        ---------- counts
        counted.events,
        cast(counted.rejected_events as {{ type_integer() }}) as rejected_events,
        coalesce(duplicates.duplicate_events, 0) as duplicate_events,
        cast(counted.user_expected_events as {{ type_integer() }})
            as user_expected_events,
        cast(counted.missing_user_events as {{ type_integer() }})
            as missing_user_events,
        counted.timed_events,

        ---------- delays
        cast(
            {{ signed_ratio('counted.latency_micros_sum', 'counted.timed_events') }}
            as {{ type_integer() }}
        ) as avg_drift_micros,
        latencies.p50_latency_micros,
        latencies.p95_latency_micros,
        latencies.p99_latency_micros

    from counted
    left join latencies
        on
            counted.tenant_id = latencies.tenant_id
            and counted.received_hour_at = latencies.received_hour_at
    left join duplicates
        on
            counted.tenant_id = duplicates.tenant_id
            and counted.received_hour_at = duplicates.received_hour_at

)

select * from final
