{{
    config(
        materialized='incremental',
        incremental_strategy=incremental_strategy('days'),
        pre_hook="{{ delete_touched_days() }}",
        on_schema_change='fail',
        partition_by=partition_by_day('event_date'),
        cluster_by=['tenant_id', 'stream_key'],
        partition_expiration_days=var('retention_days')
    )
}}

-- depends_on: {{ ref('int_touched_days') }}

-- The pieces that sessions are built from. A piece is within one day of one
-- device, so a late event rewrites only that day of that device. Its user is
-- one that the device itself saw that day, so that new findings about identity
-- do not rewrite history.

with

events as (

    select *
    from {{ ref('int_events') }}
    where {{ touched_days() }}

),

event_catalog as (

    select * from {{ ref('event_catalog') }}

),

-- Walk along each device's day, one event after the other; equal instants are
-- ordered by event_id.
lagged as (

    select
        events.tenant_id,
        events.stream_key,
        events.anonymous_id,
        events.user_id,
        events.event_date,
        events.event_id,
        events.event_name,
        events.timestamp as event_at,
        events.client_session_id,
        events.device_type,
        events.os_name,
        events.browser_name,
        events.locale,
        case
            when events.event_name = 'page.viewed' then events.page_path
        end as viewed_path,
        case
            when events.event_name = 'page.viewed' then events.page_referrer
        end as viewed_referrer,
        coalesce(event_catalog.is_activity, false) as is_activity,
        coalesce(event_catalog.is_engagement, false) as is_engagement,
        row_number() over device_day as position_in_day,
        lag(events.timestamp) over device_day as previous_event_at,
        last_value(events.user_id ignore nulls) over (
            partition by
                events.tenant_id, events.stream_key, events.event_date
            order by events.timestamp, events.event_id
            rows between unbounded preceding and 1 preceding
        ) as previous_user_id
    from events
    left join event_catalog
        on events.event_name = event_catalog.event_name
    window
        device_day as (
            partition by
                events.tenant_id, events.stream_key, events.event_date
            order by events.timestamp, events.event_id
        )

),

-- A piece ends after the session timeout, and when a user appears who was not
-- the user of the event before.
cut as (

    select
        *,
        case
            when previous_event_at is null then 1
            when
                event_at > {{ add_seconds('previous_event_at', var('session_timeout_seconds')) }}
                then 1
            when
                user_id is not null
                and (previous_user_id is null or user_id != previous_user_id)
                then 1
            else 0
        end as starts_fragment
    from lagged

),

-- The number of starts so far numbers the pieces.
numbered as (

    select
        *,
        sum(starts_fragment) over (
            partition by tenant_id, stream_key, event_date
            order by position_in_day
            rows between unbounded preceding and current row
        ) as fragment_number
    from cut

),

final as (

    select
        ---------- ids
        tenant_id,
        stream_key,
        event_date,
        fragment_number,
        min(anonymous_id) as anonymous_id,
        -- The piece's only user: its own, or the one seen before it that day.
        max(coalesce(user_id, previous_user_id)) as fragment_user_id,
        {{ first_by('event_id', 'position_in_day') }} as first_event_id,
        {{ first_by('client_session_id', 'position_in_day') }}
            as client_session_id,

        ---------- times
        min(event_at) as start_at,
        max(event_at) as end_at,
        min(case when is_engagement then event_at end)
            as first_engagement_at,
        max(case when is_engagement then event_at end)
            as last_engagement_at,
        {{ list_of('case when is_engagement then event_at end') }}
            as engagement_times,

        ---------- counts
        count(*) as event_count,
        {{ count_where("event_name = 'page.viewed'") }} as page_view_count,
        {{ count_where('is_activity') }} as activity_events,
        {{ count_where('is_engagement') }} as engagement_events,

        ---------- the links it holds between a device and a user
        {{ count_where('anonymous_id is not null and user_id is not null') }}
            as link_count,
        min(case when user_id is not null then event_at end)
            as first_linked_at,
        max(case when user_id is not null then event_at end)
            as last_linked_at,
        {{ any_where("user_id is not null and event_name = 'user.alias'") }}
            as has_alias_event,

        ---------- what it looked like
        {{ joined_distinct('event_name') }} as event_names,
        {{ first_by('viewed_path', 'position_in_day') }} as landing_page_path,
        {{ last_by('viewed_path', 'position_in_day') }} as exit_page_path,
        {{ first_by('viewed_referrer', 'position_in_day') }} as referrer,
        {{ first_by('device_type', 'position_in_day') }} as device_type,
        {{ first_by('os_name', 'position_in_day') }} as os_name,
        {{ first_by('browser_name', 'position_in_day') }} as browser_name,
        {{ first_by('locale', 'position_in_day') }} as locale

    from numbered
    group by 1, 2, 3, 4

)

select * from final
