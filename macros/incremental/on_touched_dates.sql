{# The condition on event_date that keeps the dates which new rows touch; everything in a full build. Literal, so it prunes. #}
{% macro on_touched_dates() -%}
    {%- if is_incremental() -%}
        event_date in ({{ touched_dates() }})
    {%- else -%}
        event_date >= cast('0001-01-01' as date)
    {%- endif -%}
{%- endmacro %}
