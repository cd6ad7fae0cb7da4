-- The same table as fct_sessions, column by column, from the events themselves.
with named as (
    select events.*, coalesce(renames.final_user_id, events.user_id) as known_user_id
    from events
    left join renames
        on events.tenant_id = renames.tenant_id and events.user_id = renames.user_id
    where events.anonymous_id != ''
),
walked as (
    select
        *,
        lagInFrame(toNullable(at), 1, null) over device as previous_at,
        row_number() over device as position,
        last_value(known_user_id) ignore nulls over (
            partition by tenant_id, anonymous_id
            order by at, event_id
            rows between unbounded preceding and current row
        ) as user_before,
        first_value(known_user_id) ignore nulls over (
            partition by tenant_id, anonymous_id
            order by at, event_id
            rows between unbounded preceding and unbounded following
        ) as first_user
    from named
    window device as (
        partition by tenant_id, anonymous_id
        order by at, event_id
        rows between unbounded preceding and unbounded following
    )
),
resolved as (
    select *, coalesce(user_before, first_user) as resolved_user_id
    from walked
),
lagged as (
    select
        *,
        lagInFrame(resolved_user_id, 1, null) over (
            partition by tenant_id, anonymous_id
            order by position
            rows between unbounded preceding and unbounded following
        ) as previous_user_id
    from resolved
),
numbered as (
    select
        *,
        sum(
            isNull(previous_at)
            or dateDiff('microsecond', previous_at, at) > 1800000000
            or ifNull(resolved_user_id != previous_user_id, 0)
        ) over (
            partition by tenant_id, anonymous_id
            order by position
            rows between unbounded preceding and current row
        ) as session_number
    from lagged
),
sessions as (
    select
        tenant_id,
        anonymous_id,
        any(resolved_user_id) as user_id,
        argMin(event_id, position) as first_event_id,
        argMin(client_session_id, position) as client_session_id,
        min(at) as session_start_at,
        max(at) as session_end_at,
        count() as event_count,
        countIf(event_name = 'page.viewed') as page_view_count,
        arraySort(groupUniqArray(event_name)) as names,
        argMinIf(page_path, position, event_name = 'page.viewed') as landing_page_path,
        argMaxIf(page_path, position, event_name = 'page.viewed') as exit_page_path,
        argMinIf(page_referrer, position, event_name = 'page.viewed') as referrer,
        argMin(device_type, position) as device_type,
        argMin(os_name, position) as os_name,
        argMin(browser_name, position) as browser_name,
        argMin(locale, position) as locale
    from numbered
    group by tenant_id, anonymous_id, session_number
)
select
    concat('ses_', lower(hex(MD5(concat(tenant_id, '|', anonymous_id, '|', first_event_id)))))
        as session_id,
    tenant_id,
    anonymous_id,
    user_id,
    client_session_id,
    toDate32(session_start_at) as session_date,
    session_start_at,
    session_end_at,
    intDiv(dateDiff('microsecond', session_start_at, session_end_at), 1000000) as duration_seconds,
    event_count,
    page_view_count,
    arrayStringConcat(names, ',') as event_names,
    length(names) as distinct_event_name_count,
    landing_page_path,
    exit_page_path,
    referrer,
    device_type,
    os_name,
    browser_name,
    locale,
    duration_seconds > 10 as is_engaged
from sessions
