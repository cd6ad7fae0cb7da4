{{
    config(
        materialized='incremental',
        incremental_strategy=incremental_strategy('days'),
        pre_hook="{{ delete_touched_dates() }}",
        on_schema_change='fail',
        partition_by=partition_by_day('event_date'),
        cluster_by=['tenant_id'],
        partition_expiration_days=var('retention_days')
    )
}}

-- depends_on: {{ ref('int_touched_days') }}

with

-- A percentile cannot be added to: the dates that new rows touch are recounted
-- as a whole.
events as (

    select
        tenant_id,
        event_date,
        event_name,
        case
            when event_name = 'api.request_completed'
                then {{ to_micros(json_text('properties', 'duration_ms')) }}
        end as latency_micros
    from {{ ref('int_events') }}
    where {{ on_touched_dates() }}

),

-- A percentile cannot be added up over tenants, so each event counts once for
-- its tenant and once for all of them.
scoped as (

    select * from events

    union all

    select
        '(all)' as tenant_id,
        event_date,
        event_name,
        latency_micros
    from events

),

daily_counts as (

    select
        tenant_id,
        event_date,
        count(*) as event_count,
        {{ count_where("event_name = 'error.occurred'") }} as error_count
    from scoped
    group by 1, 2

),

ranked as (

    select
        tenant_id,
        event_date,
        latency_micros,
        row_number() over (
            partition by tenant_id, event_date
            order by latency_micros
        ) as latency_rank,
        count(*) over (
            partition by tenant_id, event_date
        ) as latency_count
    from scoped
    where latency_micros is not null

),

daily_latencies as (

    select
        tenant_id,
        event_date,
        count(*) as api_request_count,
        {{ nearest_rank(
            'latency_micros', 'latency_rank', 'latency_count', 95
        ) }} as api_latency_p95_micros
    from ranked
    group by 1, 2

),

final as (

    select
        ---------- ids
        daily_counts.tenant_id,
        daily_counts.event_date,

        ---------- errors
        daily_counts.event_count,
        cast(daily_counts.error_count as {{ type_integer() }}) as error_count,

        ---------- the API
        coalesce(daily_latencies.api_request_count, 0) as api_request_count,
        daily_latencies.api_latency_p95_micros

    from daily_counts
    left join daily_latencies
        on
            daily_counts.tenant_id = daily_latencies.tenant_id
            and daily_counts.event_date = daily_latencies.event_date

)

select * from final
