{# The start of this run: the `_loaded_at` of the rows that it reads. #}
{% macro build_instant() -%}
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp)
{%- endmacro %}
