with

fragments as (

    select *
    from {{ ref('int_sessions_resolved') }}
    where user_id is not null

),

final as (

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
    group by
        tenant_id,
        user_id,
        event_date

)

select * from final
