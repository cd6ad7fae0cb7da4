-- "Session Reconstruction Query": sessions of one day, by the client's own session id.
-- Changed: names of table and columns; TIMESTAMP_DIFF; a list is cut after it was made.
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
        array_agg(distinct event_name order by event_name) as event_types,
        array_agg(
            struct_pack(timestamp, event_name, properties) order by timestamp
        )[:1000] as events
    from events
    where cast(timestamp as date) = date '{as_of}'
    group by session_id, user_id, anonymous_id, tenant_id
)
select * from session_events
where duration_seconds > 10
order by session_start desc
