-- The uses of all weeks are all uses.

with

uses as (

    select
        tenant_id,
        feature_key,
        count(*) as use_count
    from {{ ref('int_feature_uses') }}
    group by 1, 2

),

weekly as (

    select
        tenant_id,
        feature_key,
        sum(uses) as use_count
    from {{ ref('weekly_feature_usage') }}
    group by 1, 2

)

select
    coalesce(uses.tenant_id, weekly.tenant_id) as tenant_id,
    coalesce(uses.feature_key, weekly.feature_key) as feature_key,
    uses.use_count,
    weekly.use_count as weekly_use_count
from uses
full outer join weekly
    on
        uses.tenant_id = weekly.tenant_id
        and uses.feature_key = weekly.feature_key
where coalesce(uses.use_count, 0) != coalesce(weekly.use_count, 0)
