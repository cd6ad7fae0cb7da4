{# Whether any row meets a condition; an aggregate. #}
{% macro any_where(condition) -%}
    {{ return(adapter.dispatch('any_where', 'bioqms')(condition)) }}
{%- endmacro %}

{% macro duckdb__any_where(condition) -%}
    coalesce(bool_or({{ condition }}), false)
{%- endmacro %}

{% macro bigquery__any_where(condition) -%}
    coalesce(logical_or({{ condition }}), false)
{%- endmacro %}
