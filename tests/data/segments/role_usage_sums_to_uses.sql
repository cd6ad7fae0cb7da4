{{ config(enabled=var('use_segments')) }}

-- Each use of the trailing 30 days counts under one role.

with

uses as (

    select
        tenant_id,
        count(*) as use_count
    from {{ ref('int_feature_uses') }}
    where
        used_date >= {{ add_days(as_of_date(), -29) }}
        and used_date <= {{ as_of_date() }}
    group by tenant_id

),

by_role as (

    select
        tenant_id,
        sum(total_uses) as use_count
    from {{ ref('feature_usage_by_role') }}
    group by tenant_id

)

select
    coalesce(uses.tenant_id, by_role.tenant_id) as tenant_id,
    uses.use_count,
    by_role.use_count as use_count_by_role
from uses
full outer join by_role
    on uses.tenant_id = by_role.tenant_id
where coalesce(uses.use_count, 0) != coalesce(by_role.use_count, 0)
