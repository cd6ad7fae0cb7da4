-- "RFM Model". Changed: the name of the table; CURRENT_DATE() is the day of the build;
-- DATE_DIFF, DATE_SUB and JSON_EXTRACT_SCALAR.
with user_activity as (
    select
        user_id,
        tenant_id,
        max(cast(timestamp as date)) as last_activity_date,
        date_diff('day', max(cast(timestamp as date)), date '{as_of}')
            as days_since_last_activity,
        count(distinct cast(timestamp as date)) as activity_days,
        count(*) as total_events
    from events
    where
        event_name in ('page.viewed', 'work_order.created', 'feature.used')
        and cast(timestamp as date) >= date '{as_of}' - 90
    group by user_id, tenant_id
),
user_revenue as (
    select
        user_id,
        tenant_id,
        sum(cast(json_extract_string(properties, '$.amount') as double)) as total_revenue
    from events
    where
        event_name = 'subscription.payment_received'
        and cast(timestamp as date) >= date '{as_of}' - 90
    group by user_id, tenant_id
),
rfm_scores as (
    select
        ua.user_id,
        ua.tenant_id,
        ua.days_since_last_activity,
        ua.activity_days,
        ua.total_events,
        coalesce(ur.total_revenue, 0) as total_revenue,
        case
            when ua.days_since_last_activity <= 7 then 5
            when ua.days_since_last_activity <= 14 then 4
            when ua.days_since_last_activity <= 30 then 3
            when ua.days_since_last_activity <= 60 then 2
            else 1
        end as recency_score,
        case
            when ua.activity_days >= 60 then 5
            when ua.activity_days >= 30 then 4
            when ua.activity_days >= 15 then 3
            when ua.activity_days >= 7 then 2
            else 1
        end as frequency_score,
        case
            when ur.total_revenue >= 10000 then 5
            when ur.total_revenue >= 5000 then 4
            when ur.total_revenue >= 1000 then 3
            when ur.total_revenue >= 500 then 2
            when ur.total_revenue > 0 then 1
            else 0
        end as monetary_score
    from user_activity as ua
    left join user_revenue as ur on ua.user_id = ur.user_id and ua.tenant_id = ur.tenant_id
),
user_segments as (
    select
        *,
        case
            when recency_score >= 4 and frequency_score >= 4 then 'Power User'
            when recency_score >= 3 and frequency_score >= 2 then 'Casual User'
            when recency_score <= 2 and frequency_score >= 3 then 'Dormant User'
            when recency_score <= 2 and frequency_score <= 2 then 'Churning User'
            else 'Occasional User'
        end as behavioral_segment
    from rfm_scores
)
select
    behavioral_segment,
    count(*) as user_count,
    avg(days_since_last_activity) as avg_days_since_last_activity,
    avg(activity_days) as avg_activity_days,
    avg(total_events) as avg_total_events,
    sum(total_revenue) as segment_revenue
from user_segments
group by behavioral_segment
order by user_count desc
