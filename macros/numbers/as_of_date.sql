{#
    The last day that the marts include: the var as_of_date, or the UTC day of the run. The only place that reads a clock, so that you can
    reproduce and back-date every build.
#}
{% macro as_of_date() -%}
    cast('{{ var("as_of_date") or run_started_at.strftime("%Y-%m-%d") }}' as date)
{%- endmacro %}
