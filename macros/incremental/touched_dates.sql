{#
    The event dates that new rows touch, as a comma-separated list of literals for `in (...)`; with the vars backfill_from and
    backfill_to, also those of their range.
#}
{% macro touched_dates() -%}
    {%- set dates = [] -%}
    {%- if execute -%}
        {%- set ask -%}
            select distinct cast(event_date as {{ type_text() }}) as event_date
            from {{ ref('int_touched_days') }}
            where _loaded_at > {{ newest_build() }}
            order by event_date
        {%- endset -%}
        {%- set dates = run_query(ask).columns[0].values() | list -%}
        {%- for date in backfill_dates() if date not in dates -%}
            {%- do dates.append(date) -%}
        {%- endfor -%}
    {%- endif -%}
    {#- An empty list is not valid SQL, and dbt takes an empty list of partitions as "find them yourself": name a day without events. -#}
    {%- for date in dates or ['0001-01-01'] -%}
        date '{{ date }}'{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
