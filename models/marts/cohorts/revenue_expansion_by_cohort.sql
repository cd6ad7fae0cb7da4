with

people as (

    select * from {{ ref('int_people') }}

),

tier_changes as (

    select * from {{ ref('int_tier_changes') }}

),

-- One change is one upgrade, by any number of ranks; a change from or to an
-- unknown tier is neither an upgrade nor a downgrade.
changes_by_person as (

    select
        tenant_id,
        user_id,
        {{ count_where('tier_step > 0') }} as upgrade_count,
        {{ count_where('tier_step < 0') }} as downgrade_count

    from tier_changes

    group by 1, 2

),

members as (

    select
        people.tenant_id,
        people.signup_month as cohort_month,
        coalesce(people.initial_tier, '(unknown)') as initial_tier,
        coalesce(changes_by_person.upgrade_count, 0) as upgrade_count,
        coalesce(changes_by_person.downgrade_count, 0) as downgrade_count

    from people

    left join changes_by_person
        on
            people.tenant_id = changes_by_person.tenant_id
            and people.user_id = changes_by_person.user_id

    where people.signup_month is not null

),

cohorts as (

    select
        tenant_id,
        cohort_month,
        initial_tier,
        count(*) as cohort_size,
        {{ count_where('upgrade_count > 0') }} as upgraders,
        sum(upgrade_count) as upgrade_count,
        {{ count_where('downgrade_count > 0') }} as downgraders,
        sum(downgrade_count) as downgrade_count

    from members

    group by 1, 2, 3

),

final as (

    select
        ---------- ids
        tenant_id,
        cohort_month,
        initial_tier,

        ---------- numerics
        cohort_size,
        cast(upgraders as {{ type_integer() }}) as upgraders,
        cast(upgrade_count as {{ type_integer() }}) as upgrade_count,
        cast(downgraders as {{ type_integer() }}) as downgraders,
        cast(downgrade_count as {{ type_integer() }}) as downgrade_count,
        {{ pct('upgraders', 'cohort_size') }} as expansion_rate_pct

    from cohorts

)

select * from final
