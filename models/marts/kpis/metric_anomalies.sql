with

active_users_daily as (

    select * from {{ ref('active_users_daily') }}

),

daily_health as (

    select * from {{ ref('int_daily_health') }}
    where event_date <= {{ as_of_date() }}

),

anomaly_thresholds as (

    select * from {{ ref('anomaly_thresholds') }}

),

people_by_day as (

    select
        tenant_id,
        activity_date as metric_date,
        dau
    from active_users_daily

    union all

    select
        '(all)' as tenant_id,
        activity_date as metric_date,
        cast(sum(dau) as {{ type_integer() }}) as dau
    from active_users_daily
    group by 2

),

-- Each metric as an integer, and the number by which to divide it: sums and
-- squares of integers are exact, so that all engines find the same anomalies.
measured as (

    select
        tenant_id,
        'dau' as metric,
        metric_date,
        dau as measure,
        1 as measures_a_unit
    from people_by_day

    union all

    select
        tenant_id,
        'error_rate_pct' as metric,
        event_date as metric_date,
        cast(
            round(
                cast(error_count as {{ type_double() }})
                / event_count * 1000000000
            ) as {{ type_integer() }}
        ) as measure,
        10000000 as measures_a_unit
    from daily_health

    union all

    select
        tenant_id,
        'api_latency_p95_ms' as metric,
        event_date as metric_date,
        api_latency_p95_micros as measure,
        1000 as measures_a_unit
    from daily_health
    where api_latency_p95_micros is not null

),

-- Trailing N days are N dates; the last few of them are evaluated.
windowed as (

    select
        measured.*,
        {{ days_between('measured.metric_date', as_of_date()) }}
        < anomaly_thresholds.judged_days as is_judged,
        anomaly_thresholds.warning_z,
        anomaly_thresholds.critical_z,
        anomaly_thresholds.min_days
    from measured
    cross join anomaly_thresholds
    where
        {{ days_between('measured.metric_date', as_of_date()) }}
        < anomaly_thresholds.baseline_days

),

baselines as (

    select
        tenant_id,
        metric,
        count(*) as day_count,
        cast({{ count_where('not is_judged') }} as {{ type_integer() }})
            as baseline_days,
        sum(
            case
                when not is_judged then cast(measure as {{ type_wide() }})
            end
        ) as measure_sum,
        sum(
            case
                when not is_judged
                    then
                        cast(measure as {{ type_wide() }})
                        * cast(measure as {{ type_wide() }})
            end
        ) as square_sum
    from windowed
    group by 1, 2

),

-- With n days, z is (n x value - sum) / sqrt(n x squares - sum x sum).
judged as (

    select
        windowed.tenant_id,
        windowed.metric,
        windowed.metric_date,
        windowed.measure,
        windowed.measures_a_unit,
        windowed.warning_z,
        windowed.critical_z,
        baselines.baseline_days,
        baselines.measure_sum,
        baselines.baseline_days * baselines.square_sum
        - baselines.measure_sum * baselines.measure_sum as spread,
        baselines.baseline_days * cast(windowed.measure as {{ type_wide() }})
        - baselines.measure_sum as deviation,
        baselines.day_count >= windowed.min_days as has_enough_days
    from windowed
    inner join baselines
        on
            windowed.tenant_id = baselines.tenant_id
            and windowed.metric = baselines.metric
    where windowed.is_judged

),

-- Limits are compared as squares of integers (|z| in hundredths): a value at
-- exactly 2.5 is not above it.
scored as (

    select
        *,
        has_enough_days and spread > 0 as has_score,
        10000 * deviation * deviation as squared_deviation,
        cast(round(warning_z * 100) as {{ type_integer() }})
            as warning_hundredths,
        cast(round(critical_z * 100) as {{ type_integer() }})
            as critical_hundredths
    from judged

),

classified as (

    select
        *,
        case
            when
                has_score
                and squared_deviation
                > spread * critical_hundredths * critical_hundredths
                then 'critical'
            when
                has_score
                and squared_deviation
                > spread * warning_hundredths * warning_hundredths
                then 'warning'
            else 'normal'
        end as severity
    from scored

),

final as (

    select
        ---------- ids
        tenant_id,
        metric,
        metric_date,

        ---------- the value and what it is held against
        cast(measure as {{ type_double() }}) / measures_a_unit as value,
        case
            when baseline_days > 0
                then
                    cast(measure_sum as {{ type_double() }})
                    / (baseline_days * measures_a_unit)
        end as baseline_mean,
        case
            when baseline_days > 0
                then
                    sqrt(cast(spread as {{ type_double() }}))
                    / (baseline_days * measures_a_unit)
        end as baseline_stddev,
        baseline_days,

        ---------- the judgement
        case
            when has_score
                then
                    cast(deviation as {{ type_double() }})
                    / sqrt(cast(spread as {{ type_double() }}))
        end as z_score,
        severity,
        severity != 'normal' as is_anomaly

    from classified

)

select * from final
