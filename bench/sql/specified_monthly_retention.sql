-- "Query: Monthly Retention". Changed: the name of the table; DATE_TRUNC and DATE_DIFF.
with user_cohorts as (
    select
        user_id,
        tenant_id,
        date_trunc('month', min(cast(timestamp as date))) as cohort_month
    from events
    where event_name = 'user.identified'
    group by user_id, tenant_id
),
monthly_activity as (
    select
        user_id,
        tenant_id,
        date_trunc('month', cast(timestamp as date)) as activity_month
    from events
    where event_name in ('page.viewed', 'work_order.created', 'feature.used')
    group by user_id, tenant_id, activity_month
),
cohort_activity as (
    select
        uc.cohort_month,
        ma.activity_month,
        date_diff('month', uc.cohort_month, ma.activity_month) as months_since_signup,
        count(distinct uc.user_id) as active_users
    from user_cohorts as uc
    left join monthly_activity as ma
        on uc.user_id = ma.user_id and uc.tenant_id = ma.tenant_id
    group by cohort_month, activity_month, months_since_signup
),
cohort_sizes as (
    select cohort_month, count(distinct user_id) as cohort_size
    from user_cohorts
    group by cohort_month
)
select
    ca.cohort_month,
    cs.cohort_size,
    ca.months_since_signup,
    ca.active_users,
    round(ca.active_users * 100.0 / cs.cohort_size, 2) as retention_rate
from cohort_activity as ca
inner join cohort_sizes as cs on ca.cohort_month = cs.cohort_month
where ca.months_since_signup is not null
order by ca.cohort_month, ca.months_since_signup
