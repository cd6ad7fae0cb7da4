select
    activity_date,
    sum(dau) as customers
from {{ ref('bioqms', 'active_users_daily') }}
group by activity_date
