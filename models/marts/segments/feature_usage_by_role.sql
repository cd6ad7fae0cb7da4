with

feature_uses as (

    select * from {{ ref('int_feature_uses') }}

),

roles as (

    select * from {{ ref('int_roles') }}

),

windows as (

    select {{ add_days(as_of_date(), '1 - window_length') }} as first_date
    from {{ ref('metric_windows') }}
    where window_name = 'role_usage'

),

recent_uses as (

    select feature_uses.*
    from feature_uses
    cross join windows
    where
        feature_uses.used_date >= windows.first_date
        and feature_uses.used_date <= {{ as_of_date() }}

),

-- Uses and identifications of a person together, in total order.
moments as (

    select
        tenant_id,
        user_id,
        used_at as moment_at,
        event_id,
        feature_key,
        event_role,
        cast(null as {{ type_text() }}) as identified_role
    from recent_uses

    union all

    select
        tenant_id,
        user_id,
        identified_at as moment_at,
        event_id,
        cast(null as {{ type_text() }}) as feature_key,
        cast(null as {{ type_text() }}) as event_role,
        role as identified_role
    from roles

),

surrounded as (

    select
        *,
        last_value(identified_role ignore nulls) over (
            partition by tenant_id, user_id
            order by moment_at, event_id
            rows between unbounded preceding and current row
        ) as role_before,
        first_value(identified_role ignore nulls) over (
            partition by tenant_id, user_id
            order by moment_at, event_id
            rows between current row and unbounded following
        ) as role_after
    from moments

),

-- A use counts once, under the role its person had at that time.
attributed as (

    select
        tenant_id,
        user_id,
        feature_key,
        coalesce(event_role, role_before, role_after, '(unknown)') as role
    from surrounded
    where feature_key is not null

),

counted as (

    select
        tenant_id,
        role,
        feature_key,
        count(distinct user_id) as unique_users,
        count(*) as total_uses
    from attributed
    group by 1, 2, 3

),

final as (

    select
        ---------- ids
        tenant_id,
        role,
        feature_key,

        ---------- use
        unique_users,
        total_uses,
        {{ ratio('total_uses', 'unique_users') }} as avg_uses_per_user

    from counted

)

select * from final
