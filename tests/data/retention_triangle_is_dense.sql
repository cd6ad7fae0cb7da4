{{ config(enabled=var('use_cohorts')) }}

-- Periods are numbered from 0 without a gap up to the one that holds
-- as_of_date, and the size of a cohort does not change along them.
with

retention as (

    select * from {{ ref('cohort_retention') }}

),

cohorts as (

    select
        tenant_id,
        cohort_type,
        cohort,
        period_grain,
        count(*) as period_count,
        min(period_number) as first_period,
        max(period_number) as last_period,
        max(period_start_date) as last_period_start_date,
        min(cohort_size) as min_cohort_size,
        max(cohort_size) as max_cohort_size

    from retention

    group by 1, 2, 3, 4

)

select * from cohorts
where
    first_period != 0
    or last_period != period_count - 1
    or min_cohort_size != max_cohort_size
    or last_period_start_date != case
        when period_grain = 'month' then {{ start_of_month(as_of_date()) }}
        else {{ start_of_week(as_of_date()) }}
    end
