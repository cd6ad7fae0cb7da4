with

adoptions as (

    select * from {{ ref('feature_adoption') }}

),

uses as (

    select * from {{ ref('int_feature_uses') }}

),

stage_rules as (

    select * from {{ ref('adoption_stage_rules') }}

),

feature_users as (

    select distinct
        tenant_id,
        user_id,
        feature_key
    from uses

),

-- People who used a feature that was never shown to them are in no stage.
unexposed as (

    select
        feature_users.tenant_id,
        feature_users.feature_key,
        {{ count_where('adoptions.user_id is null') }} as unexposed_users

    from feature_users

    left join adoptions
        on
            feature_users.tenant_id = adoptions.tenant_id
            and feature_users.user_id = adoptions.user_id
            and feature_users.feature_key = adoptions.feature_key

    group by 1, 2

),

-- A feature nobody was exposed to still has its five rows, which show the
-- people who use it.
features as (

    select
        tenant_id,
        feature_key
    from adoptions

    union distinct

    select
        tenant_id,
        feature_key
    from feature_users

),

stage_counts as (

    select
        tenant_id,
        feature_key,
        stage_rank,
        count(*) as users,
        {{ count_where('is_mature') }} as mature_users,
        count(days_to_first_use) as users_with_use,
        sum(days_to_first_use) as total_days_to_first_use,
        sum(uses_30d) as total_uses

    from adoptions

    group by 1, 2, 3

),

dense as (

    select
        features.tenant_id,
        features.feature_key,
        stage_rules.adoption_stage,
        stage_rules.stage_rank,
        coalesce(stage_counts.users, 0) as users,
        coalesce(stage_counts.mature_users, 0) as mature_users,
        coalesce(stage_counts.users_with_use, 0) as users_with_use,
        stage_counts.total_days_to_first_use,
        stage_counts.total_uses,
        coalesce(unexposed.unexposed_users, 0) as unexposed_users

    from features

    cross join stage_rules

    left join stage_counts
        on
            features.tenant_id = stage_counts.tenant_id
            and features.feature_key = stage_counts.feature_key
            and stage_rules.stage_rank = stage_counts.stage_rank

    left join unexposed
        on
            features.tenant_id = unexposed.tenant_id
            and features.feature_key = unexposed.feature_key

),

-- This stage or a higher one; the lowest stage includes everybody exposed.
cumulated as (

    select
        *,
        sum(users) over reached as cumulative_users,
        sum(mature_users) over reached as mature_cumulative_users,
        sum(users) over feature as exposed_users,
        sum(mature_users) over feature as mature_exposed_users

    from dense

    window
        feature as (partition by tenant_id, feature_key),
        reached as (
            partition by tenant_id, feature_key
            order by stage_rank desc
            rows between unbounded preceding and current row
        )

),

final as (

    select
        ---------- ids
        tenant_id,
        feature_key,
        adoption_stage,
        cast(stage_rank as {{ type_integer() }}) as stage_rank,

        ---------- all people
        cast(users as {{ type_integer() }}) as users,
        {{ pct('users', 'exposed_users') }} as users_pct,
        cast(cumulative_users as {{ type_integer() }}) as cumulative_users,
        {{ pct('cumulative_users', 'exposed_users') }} as cumulative_pct,

        ---------- people whose 30 days are over
        cast(mature_users as {{ type_integer() }}) as mature_users,
        {{ pct('mature_users', 'mature_exposed_users') }} as mature_users_pct,
        cast(mature_cumulative_users as {{ type_integer() }})
            as mature_cumulative_users,
        {{ pct('mature_cumulative_users', 'mature_exposed_users') }}
            as mature_cumulative_pct,

        ---------- bases
        cast(exposed_users as {{ type_integer() }}) as exposed_users,
        cast(mature_exposed_users as {{ type_integer() }})
            as mature_exposed_users,

        ---------- averages
        {{ ratio('total_days_to_first_use', 'users_with_use') }}
            as avg_days_to_first_use,
        {{ ratio('total_uses', 'users') }} as avg_uses,

        ---------- people outside the funnel
        cast(unexposed_users as {{ type_integer() }}) as unexposed_users

    from cumulated

)

select * from final
