with

people as (

    select * from {{ ref('int_people') }}
    where signup_at is not null

),

person_days as (

    select * from {{ ref('int_person_days') }}

),

uses as (

    select * from {{ ref('int_feature_uses') }}

),

first_week_bands as (

    select * from {{ ref('first_week_bands') }}

),

windows as (

    select window_length as window_days
    from {{ ref('metric_windows') }}
    where window_name = 'first_week'

),

numbered_uses as (

    select
        tenant_id,
        user_id,
        feature_key,
        row_number() over (
            partition by tenant_id, user_id
            order by used_at, event_id
        ) as use_number

    from uses

),

first_features as (

    select * from numbered_uses
    where use_number = 1

),

-- Seven times 24 hours touch eight dates: a window touches one more date than
-- it has days.
first_week_days as (

    select
        people.tenant_id,
        people.user_id,
        people.signup_at,
        person_days.engagement_events,
        person_days.engagement_times,
        windows.window_days,
        {{ days_between('people.signup_date', 'person_days.activity_date') }}
            as day_number

    from people

    inner join person_days
        on
            people.tenant_id = person_days.tenant_id
            and people.user_id = person_days.user_id

    cross join windows

    where
        person_days.activity_date >= people.signup_date
        and person_days.activity_date
        <= {{ add_days('people.signup_date', 'windows.window_days') }}

),

-- All dates but two are completely inside; on the first and the last each event
-- is checked.
first_week_events as (

    select
        tenant_id,
        user_id,
        engagement_events
    from first_week_days
    where
        day_number > 0
        and day_number < window_days

    union all

    select
        tenant_id,
        user_id,
        1 as engagement_events
    from first_week_days
    cross join {{ unnested('engagement_times', 'engaged_at') }}
    where
        day_number in (0, window_days)
        and engaged_at >= signup_at
        and engaged_at
        < {{ add_seconds('signup_at', '(window_days * 86400)') }}

),

first_week_counts as (

    select
        tenant_id,
        user_id,
        sum(engagement_events) as engagement_events

    from first_week_events

    group by 1, 2

),

-- A band ends where the next one begins.
bands as (

    select
        first_week_behaviour,
        min_events,
        lead(min_events) over (order by min_events) as next_min_events

    from first_week_bands

),

labelled as (

    select
        people.*,
        coalesce(first_features.feature_key, '(unknown)') as first_feature,
        coalesce(people.initial_tier, '(unknown)') as known_initial_tier,
        bands.first_week_behaviour

    from people

    left join first_features
        on
            people.tenant_id = first_features.tenant_id
            and people.user_id = first_features.user_id

    left join first_week_counts
        on
            people.tenant_id = first_week_counts.tenant_id
            and people.user_id = first_week_counts.user_id

    inner join bands
        on
            coalesce(first_week_counts.engagement_events, 0)
            >= bands.min_events
            and (
                coalesce(first_week_counts.engagement_events, 0)
                < bands.next_min_events
                or bands.next_min_events is null
            )

),

final as (

    select
        ---------- ids
        tenant_id,
        user_id,

        ---------- signup
        signup_at,
        signup_date,
        signup_month,
        signup_week,

        ---------- what the person is and did
        first_feature,
        known_initial_tier as initial_tier,
        first_week_behaviour,

        ---------- people of a tenant who share all of that
        dense_rank() over (
            partition by tenant_id
            order by
                signup_month,
                signup_week,
                first_feature,
                known_initial_tier,
                first_week_behaviour
        ) as profile_number

    from labelled

)

select * from final
