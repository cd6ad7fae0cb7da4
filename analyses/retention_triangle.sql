{{ config(enabled=var('use_cohorts')) }}

-- Monthly retention by signup month over all tenants, one line per cohort:
-- ratios are computed from the sums, as in every mart.

with

retention as (

    select *
    from {{ ref('cohort_retention') }}
    where
        cohort_type = 'signup_month'
        and period_grain = 'month'

),

summed as (

    select
        cohort,
        period_number,
        sum(cohort_size) as cohort_size,
        {{ pct('sum(active_users)', 'sum(cohort_size)') }} as retention_pct
    from retention
    group by 1, 2

),

final as (

    select
        cohort,
        max(cohort_size) as cohort_size,
        max(case when period_number = 0 then retention_pct end)
            as month_0_pct,
        max(case when period_number = 1 then retention_pct end)
            as month_1_pct,
        max(case when period_number = 2 then retention_pct end)
            as month_2_pct,
        max(case when period_number = 3 then retention_pct end)
            as month_3_pct,
        max(case when period_number = 6 then retention_pct end)
            as month_6_pct,
        max(case when period_number = 12 then retention_pct end)
            as month_12_pct
    from summed
    group by 1

)

select * from final
order by 1
