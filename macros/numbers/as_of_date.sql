{#
    The last day that the marts may see: the var as_of_date, or the UTC day of the run. The one place that reads a clock,
    so that every build can be reproduced and back-dated.
#}
{% macro as_of_date() -%}
    cast('{{ var("as_of_date") or run_started_at.strftime("%Y-%m-%d") }}' as date)
{%- endmacro %}
