with

tenants as (

    select * from {{ ref('int_tenants') }}

),

rfm_segment_rules as (

    select * from {{ ref('rfm_segment_rules') }}

),

user_rfm as (

    select * from {{ ref('user_rfm') }}

),

segments as (

    select distinct behavioral_segment from rfm_segment_rules

),

tenant_segments as (

    select
        tenants.tenant_id,
        segments.behavioral_segment
    from tenants
    cross join segments

),

summed as (

    select
        tenant_id,
        behavioral_segment,
        count(*) as user_count,
        cast(sum(days_since_last_activity) as {{ type_integer() }})
            as days_since_last_activity,
        cast(sum(activity_days) as {{ type_integer() }}) as activity_days,
        cast(sum(total_events) as {{ type_integer() }}) as total_events,
        sum(total_revenue) as segment_revenue
    from user_rfm
    group by 1, 2

),

final as (

    select
        ---------- ids
        tenant_segments.tenant_id,
        tenant_segments.behavioral_segment,

        ---------- people
        coalesce(summed.user_count, 0) as user_count,
        {{ ratio('summed.days_since_last_activity', 'summed.user_count') }}
            as avg_days_since_last_activity,
        {{ ratio('summed.activity_days', 'summed.user_count') }}
            as avg_activity_days,
        {{ ratio('summed.total_events', 'summed.user_count') }}
            as avg_total_events,

        ---------- revenue
        cast(
            coalesce(summed.segment_revenue, 0) as {{ type_exact() }}
        ) as segment_revenue

    from tenant_segments
    left join summed
        on
            tenant_segments.tenant_id = summed.tenant_id
            and tenant_segments.behavioral_segment = summed.behavioral_segment

)

select * from final
