{{ config(enabled=var('use_quality')) }}

-- The receipts of as_of_date, one line per tenant, worst first.

with

hours as (

    select *
    from {{ ref('event_quality_hourly') }}
    where {{ date_of('received_hour_at') }} = {{ as_of_date() }}

),

final as (

    select
        tenant_id,
        sum(events) as events,
        {{ pct('sum(events) - sum(rejected_events)', 'sum(events)') }}
            as schema_valid_pct,
        {{ pct('sum(duplicate_events)', 'sum(events)') }} as duplicate_pct,
        {{ pct('sum(missing_user_events)', 'sum(user_expected_events)') }}
            as missing_user_pct,
        min(quality_score) as worst_hour_score
    from hours
    group by 1

)

select * from final
order by worst_hour_score -- noqa: AM06
