with

people as (

    select * from {{ ref('int_people') }}

),

uses as (

    select * from {{ ref('int_feature_uses') }}

),

cohorts as (

    select
        tenant_id,
        signup_month,
        count(*) as total_users

    from people

    where signup_month is not null

    group by 1, 2

),

feature_users as (

    select distinct
        tenant_id,
        user_id,
        feature_key
    from uses

),

-- Every feature that anybody in the tenant has used, signed up or not.
features as (

    select distinct
        tenant_id,
        feature_key
    from feature_users

),

adopter_counts as (

    select
        people.tenant_id,
        people.signup_month,
        feature_users.feature_key,
        count(*) as adopters

    from people

    inner join feature_users
        on
            people.tenant_id = feature_users.tenant_id
            and people.user_id = feature_users.user_id

    group by 1, 2, 3

),

-- Every cohort joins every feature, so that a feature without adopters has a
-- zero.
dense as (

    select
        cohorts.tenant_id,
        cohorts.signup_month as cohort_month,
        features.feature_key,
        cohorts.total_users,
        coalesce(adopter_counts.adopters, 0) as adopters

    from cohorts

    inner join features
        on cohorts.tenant_id = features.tenant_id

    left join adopter_counts
        on
            cohorts.tenant_id = adopter_counts.tenant_id
            and cohorts.signup_month = adopter_counts.signup_month
            and features.feature_key = adopter_counts.feature_key

),

final as (

    select
        ---------- ids
        tenant_id,
        cohort_month,
        feature_key,

        ---------- numerics
        total_users,
        adopters,
        {{ pct('adopters', 'total_users') }} as adoption_rate_pct

    from dense

)

select * from final
