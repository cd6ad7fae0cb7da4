{{ config(tags=['whole_history']) }}

-- Every event of a device is in one session: none is lost between two, none is
-- in both, and a session has only events of its own device.

with

events as (

    select
        tenant_id,
        anonymous_id,
        count(*) as event_count,
        {{ count_where("event_name = 'page.viewed'") }} as page_view_count,
        min(events.timestamp) as first_event_at,
        max(events.timestamp) as last_event_at
    from {{ ref('int_events') }} as events
    where
        event_date <= {{ as_of_date() }}
        and anonymous_id is not null
    group by 1, 2

),

sessions as (

    select
        tenant_id,
        anonymous_id,
        sum(event_count) as event_count,
        sum(page_view_count) as page_view_count,
        min(session_start_at) as first_event_at,
        max(session_end_at) as last_event_at
    from {{ ref('fct_sessions') }}
    group by 1, 2

)

select
    coalesce(events.tenant_id, sessions.tenant_id) as tenant_id,
    coalesce(events.anonymous_id, sessions.anonymous_id) as anonymous_id,
    events.event_count,
    sessions.event_count as event_count_in_sessions
from events
full outer join sessions
    on
        events.tenant_id = sessions.tenant_id
        and events.anonymous_id = sessions.anonymous_id
where
    coalesce(events.event_count, 0) != coalesce(sessions.event_count, 0)
    or events.page_view_count != sessions.page_view_count
    or events.first_event_at != sessions.first_event_at
    or events.last_event_at != sessions.last_event_at
