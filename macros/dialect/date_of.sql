{# The UTC date of an instant. #}
{% macro date_of(ts) -%}
    {{ return(adapter.dispatch('date_of', 'bioqms')(ts)) }}
{%- endmacro %}

{% macro duckdb__date_of(ts) -%}
    cast({{ ts }} as date)
{%- endmacro %}

{% macro bigquery__date_of(ts) -%}
    date({{ ts }})
{%- endmacro %}
