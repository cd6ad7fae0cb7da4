with

fragments as (

    select *
    from {{ ref('int_sessions_resolved') }}
    where user_id is not null

),

days as (

    select
        ---------- ids
        tenant_id,
        user_id,
        event_date as activity_date,

        ---------- counts
        sum(event_count) as event_count,
        sum(activity_events) as activity_events,
        sum(engagement_events) as engagement_events,

        ---------- times
        min(start_at) as first_event_at,
        max(end_at) as last_event_at,
        min(first_engagement_at) as first_engagement_at,
        max(last_engagement_at) as last_engagement_at,
        {{ concat_lists('engagement_times') }} as engagement_times

    from fragments
    group by 1, 2, 3

),

final as (

    select
        tenant_id,
        user_id,
        activity_date,
        event_count,
        activity_events,
        engagement_events,
        first_event_at,
        last_event_at,
        first_engagement_at,
        last_engagement_at,
        {{ sorted_list('engagement_times') }} as engagement_times
    from days

)

select * from final
