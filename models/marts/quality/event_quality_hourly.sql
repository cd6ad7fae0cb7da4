with

-- Rows received after the end of as_of_date do not count.
receipt_hours as (

    select * from {{ ref('int_receipt_hours') }}
    where received_hour_at < {{ start_of_day(add_days(as_of_date(), 1)) }}

),

quality_score_rules as (

    select * from {{ ref('quality_score_rules') }}

),

weights as (

    select
        max(case when component = 'schema_valid' then weight end)
            as valid_weight,
        max(case when component = 'unique' then weight end) as unique_weight,
        max(case when component = 'user_present' then weight end)
            as user_weight
    from quality_score_rules

),

-- Points for the strictest limit that the 95th percentile is under; an hour
-- without a readable time has no latency and gets no points.
latency_points as (

    select
        receipt_hours.tenant_id,
        receipt_hours.received_hour_at,
        max(quality_score_rules.weight) as points
    from receipt_hours
    inner join quality_score_rules
        on
            receipt_hours.p95_latency_micros
            < quality_score_rules.p95_latency_under_seconds * 1000000
    group by 1, 2

),

-- If no event should have a user, none is missing.
scored as (

    select
        receipt_hours.*,
        weights.valid_weight,
        weights.unique_weight,
        weights.user_weight,
        coalesce(latency_points.points, 0) as latency_weight,
        greatest(receipt_hours.user_expected_events, 1) as users_expected,
        cast(receipt_hours.events as {{ type_wide() }}) as wide_events
    from receipt_hours
    cross join weights
    left join latency_points
        on
            receipt_hours.tenant_id = latency_points.tenant_id
            and receipt_hours.received_hour_at
            = latency_points.received_hour_at

),

-- The weighted sum of the fractions, over their common denominator.
fractions as (

    select
        *,
        users_expected * (
            valid_weight * (wide_events - rejected_events)
            + unique_weight * (wide_events - duplicate_events)
        )
        + wide_events * (
            user_weight * (users_expected - missing_user_events)
            + latency_weight * users_expected
        ) as score_numerator,
        wide_events * users_expected as score_denominator
    from scored

),

final as (

    select
        ---------- ids
        tenant_id,
        received_hour_at,

        ---------- what came
        events,

        ---------- valid
        rejected_events,
        {{ pct('events - rejected_events', 'events') }} as schema_valid_pct,

        ---------- once
        duplicate_events,
        {{ pct('duplicate_events', 'events') }} as duplicate_pct,

        ---------- from somebody
        user_expected_events,
        missing_user_events,
        {{ pct('missing_user_events', 'user_expected_events') }}
            as missing_user_pct,

        ---------- in time
        {{ micros_as_seconds('avg_drift_micros') }} as avg_drift_seconds,
        {{ micros_as_seconds('p50_latency_micros') }} as p50_latency_seconds,
        {{ micros_as_seconds('p95_latency_micros') }} as p95_latency_seconds,
        {{ micros_as_seconds('p99_latency_micros') }} as p99_latency_seconds,

        ---------- all in all
        cast({{ signed_ratio(
            '(100 * score_numerator)', 'score_denominator'
        ) }} as {{ type_double() }}) / 100 as quality_score

    from fractions

)

select * from final
