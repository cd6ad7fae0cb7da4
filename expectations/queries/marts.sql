-- One row a rule of a mart: how many rows there are, how many have no key, and how many break the rule.
-- Read by DuckDB and BigQuery as it stands.

with

rules as (

    select
        'active_users_daily' as mart,
        'dau <= wau <= mau' as rule,
        true as is_required,
        count(*) as row_count,
        coalesce(sum(case when tenant_id is null or activity_date is null then 1 else 0 end), 0) as null_keys,
        coalesce(
            sum(
                case
                    when dau <= wau and wau <= mau and engaged_dau <= engaged_wau and engaged_wau <= engaged_mau then 0
                    else 1
                end
            ),
            0
        ) as broken_rows
    from active_users_daily

    union all

    select
        'event_quality_hourly',
        'score from 0 to 100',
        true,
        count(*),
        coalesce(sum(case when tenant_id is null or received_hour_at is null then 1 else 0 end), 0),
        coalesce(sum(case when quality_score between 0 and 100 then 0 else 1 end), 0)
    from event_quality_hourly

    union all

    select
        'cohort_retention',
        'active users at most cohort size, retention at most 100 %',
        false,
        count(*),
        coalesce(sum(case when tenant_id is null or cohort is null or period_number is null then 1 else 0 end), 0),
        coalesce(sum(case when active_users <= cohort_size and retention_pct between 0 and 100 then 0 else 1 end), 0)
    from cohort_retention

    union all

    select
        'feature_adoption_funnel',
        'a higher stage never holds more people',
        false,
        count(*),
        coalesce(sum(case when tenant_id is null or feature_key is null or adoption_stage is null then 1 else 0 end), 0),
        coalesce(sum(case when cumulative_users <= lower_users and users <= cumulative_users then 0 else 1 end), 0)
    from (
        select
            *,
            lag(cumulative_users, 1, exposed_users) over (
                partition by tenant_id, feature_key
                order by stage_rank
            ) as lower_users
        from feature_adoption_funnel
    ) as funnel

    union all

    select
        'user_rfm',
        'recency and frequency from 1 to 5, monetary from 0 to 5',
        false,
        count(*),
        coalesce(sum(case when tenant_id is null or user_id is null then 1 else 0 end), 0),
        coalesce(
            sum(
                case
                    when
                        recency_score between 1 and 5
                        and frequency_score between 1 and 5
                        and monetary_score between 0 and 5
                        and behavioral_segment is not null
                        then 0
                    else 1
                end
            ),
            0
        )
    from user_rfm

    union all

    select
        'fct_sessions',
        'a session ends at or after its start and has events',
        false,
        count(*),
        coalesce(sum(case when tenant_id is null or session_id is null then 1 else 0 end), 0),
        coalesce(sum(case when session_end_at >= session_start_at and event_count > 0 then 0 else 1 end), 0)
    from fct_sessions

)

select
    mart,
    rule,
    row_count,
    case when is_required and row_count = 0 then 1 else 0 end as missing_rows,
    null_keys,
    broken_rows
from rules
order by mart
