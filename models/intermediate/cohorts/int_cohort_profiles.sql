{%- set cohort_types = [
    'signup_month',
    'signup_week',
    'first_feature',
    'initial_tier',
    'first_week_behaviour',
    'industry',
    'company_size',
    'region',
] -%}

with

people as (

    select * from {{ ref('int_cohort_people') }}

),

tenants as (

    select * from {{ ref('tenants') }}

),

profiles as (

    select distinct
        tenant_id,
        profile_number,
        signup_month,
        signup_week,
        first_feature,
        initial_tier,
        first_week_behaviour
    from people

),

with_firm as (

    select
        profiles.*,
        coalesce(tenants.industry, '(unknown)') as industry,
        coalesce(tenants.company_size, '(unknown)') as company_size,
        coalesce(tenants.region, '(unknown)') as region

    from profiles

    left join tenants
        on profiles.tenant_id = tenants.tenant_id

),

final as (
    {% for cohort_type in cohort_types %}
    select
        tenant_id,
        profile_number,
        '{{ cohort_type }}' as cohort_type,
        cast({{ cohort_type }} as {{ type_text() }}) as cohort
    from with_firm
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
)

select * from final
