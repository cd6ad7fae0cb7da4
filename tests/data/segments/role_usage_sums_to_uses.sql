{{ config(enabled=var('use_segments')) }}

-- Each use of the window counts under one role.

with

windows as (

    select {{ add_days(as_of_date(), '1 - window_length') }} as first_date
    from {{ ref('metric_windows') }}
    where window_name = 'role_usage'

),

uses as (

    select
        feature_uses.tenant_id,
        count(*) as use_count
    from {{ ref('int_feature_uses') }} as feature_uses
    cross join windows
    where
        feature_uses.used_date >= windows.first_date
        and feature_uses.used_date <= {{ as_of_date() }}
    group by 1

),

by_role as (

    select
        tenant_id,
        sum(total_uses) as use_count
    from {{ ref('feature_usage_by_role') }}
    group by 1

)

select
    coalesce(uses.tenant_id, by_role.tenant_id) as tenant_id,
    uses.use_count,
    by_role.use_count as use_count_by_role
from uses
full outer join by_role
    on uses.tenant_id = by_role.tenant_id
where coalesce(uses.use_count, 0) != coalesce(by_role.use_count, 0)
