-- The same over all days and without the list of raw events, to stand beside fct_sessions.
with session_events as (
    select
        client_session_id as session_id,
        user_id,
        anonymous_id,
        tenant_id,
        min(timestamp) as session_start,
        max(timestamp) as session_end,
        date_diff('second', min(timestamp), max(timestamp)) as duration_seconds,
        count(*) as event_count,
        array_agg(distinct event_name order by event_name) as event_types
    from events
    group by session_id, user_id, anonymous_id, tenant_id
)
select * from session_events
where duration_seconds > 10
order by session_start desc
