{#
    The condition on stg_events that keeps the hours of receipt which new rows touch: those of the new rows and of the copies of their
    events. Hours are literal, and so are the days on which rows of these hours landed. Everything with a time of receipt in a full build.
#}
{% macro touched_receipts() -%}
    {%- if not is_incremental() -%}
        _loaded_at >= cast('1970-01-01' as timestamp)
        and received_at is not null
    {%- else -%}
        {%- set hours, dates = [], [] -%}
        {%- if execute -%}
            {%- set hours = run_query(_touched_hours()).columns[0].values() | list -%}
        {%- endif -%}
        {%- if hours -%}
            {%- set dates = run_query(_landing_dates(hours)).columns[0].values() | list -%}
            {{ on_dates('_loaded_at', dates) }}
            and {{ _in_hours(hours, start_of_hour('received_at')) }}
        {%- else -%}
            _loaded_at >= cast('9999-12-31' as timestamp)
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro _touched_hours() -%}
    with

    new_rows as (

        select
            tenant_id,
            event_id,
            received_at
        from {{ ref('stg_events') }}
        where
            _loaded_at > {{ newest_build() }}
            and received_at is not null

    ),

    new_ids as (

        select distinct
            tenant_id,
            event_id
        from new_rows

    ),

    touched as (

        select {{ start_of_hour('received_at') }} as received_hour_at
        from new_rows

        union distinct

        select {{ start_of_hour('event_copies.received_at') }} as received_hour_at
        from {{ ref('int_event_copies') }} as event_copies
        inner join new_ids
            on
                event_copies.tenant_id = new_ids.tenant_id
                and event_copies.event_id = new_ids.event_id

    )

    select received_hour_at from touched
    order by received_hour_at
{%- endmacro %}

{% macro _landing_dates(hours) -%}
    select distinct cast({{ date_of('_loaded_at') }} as {{ type_text() }}) as landed_on
    from {{ ref('int_landing_hours') }}
    where {{ _in_hours(hours, 'received_hour_at') }}
    order by landed_on
{%- endmacro %}

{# Hours one by one, or everything between the first and the last if the list would be too long for a query. #}
{% macro _in_hours(hours, hour) -%}
    {%- set literals = [] -%}
    {%- for each in hours -%}
        {%- do literals.append("cast('" ~ each.strftime('%Y-%m-%d %H:%M:%S') ~ "' as timestamp)") -%}
    {%- endfor -%}
    {{ hour }} >= {{ literals | first }}
    and {{ hour }} <= {{ literals | last }}
    {%- if literals | length <= 1000 %}
    and {{ hour }} in ({{ literals | join(', ') }})
    {%- endif -%}
{%- endmacro %}
