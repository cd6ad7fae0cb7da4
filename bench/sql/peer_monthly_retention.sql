-- People of each signup month who came back, by month; an active person counts once a month.
select
    tenant_id,
    toStartOfMonth(people.signup_at) as cohort_month,
    dateDiff('month', toStartOfMonth(people.signup_at), toStartOfMonth(activity_date))
        as period_number,
    uniqExact(user_id) as active_users
from engaged_days
inner join people using (tenant_id, user_id)
where engaged_days.last_engagement_at >= people.signup_at
group by tenant_id, cohort_month, period_number
