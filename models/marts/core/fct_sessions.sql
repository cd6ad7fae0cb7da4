{{
    config(
        partition_by=partition_by_day('session_date'),
        cluster_by=['tenant_id', 'user_id']
    )
}}

with

fragments as (

    select *
    from {{ ref('int_sessions_resolved') }}
    where anonymous_id is not null

),

windows as (

    select window_length as engaged_seconds
    from {{ ref('metric_windows') }}
    where window_name = 'engaged_session'

),

-- Walk along each device, one fragment after the other.
lagged as (

    select
        fragments.*,
        lag(end_at) over device as previous_end_at,
        lag(user_id) over device as previous_user_id,
        row_number() over device as position_on_device
    from fragments
    window
        device as (
            partition by tenant_id, anonymous_id
            order by start_at, first_event_id
        )

),

-- Midnight splits fragments but not sessions: a session begins after more than
-- the session timeout, or when the known user changes.
new_sessions as (

    select
        *,
        case
            when previous_end_at is null then 1
            when
                start_at > {{ add_seconds('previous_end_at', var('session_timeout_seconds')) }}
                then 1
            when user_id != previous_user_id then 1
            else 0
        end as starts_session
    from lagged

),

-- The number of starts so far numbers the sessions of a device.
session_numbers as (

    select
        *,
        sum(starts_session) over (
            partition by tenant_id, anonymous_id
            order by position_on_device
            rows between unbounded preceding and current row
        ) as session_number
    from new_sessions

),

sessions as (

    select
        tenant_id,
        anonymous_id,
        session_number,
        max(user_id) as user_id,
        {{ first_by('first_event_id', 'position_on_device') }}
            as first_event_id,
        {{ first_by('client_session_id', 'position_on_device') }}
            as client_session_id,
        min(start_at) as session_start_at,
        max(end_at) as session_end_at,
        sum(event_count) as event_count,
        sum(page_view_count) as page_view_count,
        {{ joined_words('event_names') }} as repeated_names,
        {{ first_by('landing_page_path', 'position_on_device') }}
            as landing_page_path,
        {{ last_by('exit_page_path', 'position_on_device') }}
            as exit_page_path,
        {{ first_by('referrer', 'position_on_device') }} as referrer,
        {{ first_by('device_type', 'position_on_device') }} as device_type,
        {{ first_by('os_name', 'position_on_device') }} as os_name,
        {{ first_by('browser_name', 'position_on_device') }} as browser_name,
        {{ first_by('locale', 'position_on_device') }} as locale
    from session_numbers
    group by 1, 2, 3

),

timed as (

    select
        *,
        {{ int_divide(
            micros_between('session_start_at', 'session_end_at'), 1000000
        ) }} as duration_seconds,
        {{ distinct_words('repeated_names') }} as event_names
    from sessions

),

judged as (

    select
        timed.*,
        timed.duration_seconds > windows.engaged_seconds as is_engaged
    from timed
    cross join windows

),

final as (

    select
        ---------- ids
        -- Made of the first event, so that it does not depend on how the data
        -- arrived.
        'ses_'
        || {{ row_fingerprint(['tenant_id', 'anonymous_id', 'first_event_id']) }}
            as session_id,
        tenant_id,
        anonymous_id,
        user_id,
        client_session_id,

        ---------- times
        {{ date_of('session_start_at') }} as session_date,
        session_start_at,
        session_end_at,
        duration_seconds,

        ---------- counts
        cast(event_count as {{ type_integer() }}) as event_count,
        cast(page_view_count as {{ type_integer() }}) as page_view_count,
        event_names,
        {{ word_count('event_names') }} as distinct_event_name_count,

        ---------- what it looked like
        landing_page_path,
        exit_page_path,
        referrer,
        device_type,
        os_name,
        browser_name,
        locale,

        ---------- flags
        is_engaged

    from judged

)

select * from final
