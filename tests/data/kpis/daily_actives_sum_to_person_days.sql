-- The sum of dau over all days is the number of active person-days: nobody is
-- lost on the way through the windows.

with

person_days as (

    select
        tenant_id,
        sum(case when activity_events > 0 then 1 else 0 end) as active,
        sum(case when engagement_events > 0 then 1 else 0 end) as engaged
    from {{ ref('int_person_days') }}
    group by 1

),

daily as (

    select
        tenant_id,
        sum(dau) as active,
        sum(engaged_dau) as engaged
    from {{ ref('active_users_daily') }}
    group by 1

)

select
    coalesce(person_days.tenant_id, daily.tenant_id) as tenant_id,
    person_days.active,
    daily.active as active_daily,
    person_days.engaged,
    daily.engaged as engaged_daily
from person_days
full outer join daily
    on person_days.tenant_id = daily.tenant_id
where
    coalesce(person_days.active, 0) != coalesce(daily.active, 0)
    or coalesce(person_days.engaged, 0) != coalesce(daily.engaged, 0)
