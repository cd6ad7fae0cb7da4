-- Monthly retention by signup month over all tenants, one line a cohort: ratios
-- are taken of the sums, as in every mart.

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
    group by
        cohort,
        period_number

),

final as (

    select
        cohort,
        max(cohort_size) as cohort_size,
        {% for number in range(13) %}
        max(case when period_number = {{ number }} then retention_pct end)
            as month_{{ number }}_pct{{ ',' if not loop.last }}
        {% endfor %}
    from summed
    group by cohort

)

select * from final
order by cohort
