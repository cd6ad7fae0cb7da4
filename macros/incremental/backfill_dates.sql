{# The event dates from var backfill_from to var backfill_to, 'YYYY-MM-DD'; none if they are not set. #}
{% macro backfill_dates() -%}
    {%- set dates = [] -%}
    {%- if var('backfill_from') and var('backfill_to') -%}
        {%- set first = modules.datetime.date.fromisoformat(var('backfill_from')) -%}
        {%- set last = modules.datetime.date.fromisoformat(var('backfill_to')) -%}
        {%- for offset in range((last - first).days + 1) -%}
            {%- do dates.append((first + modules.datetime.timedelta(days=offset)).isoformat()) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(dates) }}
{%- endmacro %}
