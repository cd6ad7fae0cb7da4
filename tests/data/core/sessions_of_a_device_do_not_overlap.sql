-- The sessions of a device follow one another, in the total order of their first
-- events, of which their ids are made. Two that meet at one instant are two users
-- of the same device.

with

fragments as (

    select
        tenant_id,
        anonymous_id,
        start_at,
        first_event_id,
        'ses_'
        || {{ row_fingerprint(['tenant_id', 'anonymous_id', 'first_event_id']) }}
            as session_id
    from {{ ref('int_sessions_resolved') }}
    where anonymous_id is not null

),

sessions as (

    select
        fct_sessions.*,
        fragments.first_event_id
    from {{ ref('fct_sessions') }} as fct_sessions
    left join fragments
        on
            fct_sessions.tenant_id = fragments.tenant_id
            and fct_sessions.anonymous_id = fragments.anonymous_id
            and fct_sessions.session_start_at = fragments.start_at
            and fct_sessions.session_id = fragments.session_id

),

lagged as (

    select
        *,
        lag(session_end_at) over device as previous_end_at,
        lag(user_id) over device as previous_user_id
    from sessions
    window
        device as (
            partition by tenant_id, anonymous_id
            order by session_start_at, first_event_id
        )

)

select * from lagged
where
    first_event_id is null
    or session_start_at < previous_end_at
    or (
        session_start_at
        <= {{ add_seconds('previous_end_at', var('session_timeout_seconds')) }}
        and (
            user_id is null
            or previous_user_id is null
            or user_id = previous_user_id
        )
    )
