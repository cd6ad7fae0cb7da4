{# Whether the engine can say, for each row of a table, who sees it. #}
{% macro has_row_access_policies() -%}
    {{ return(adapter.dispatch('has_row_access_policies', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__has_row_access_policies() -%}
    {{ return(false) }}
{%- endmacro %}

{% macro bigquery__has_row_access_policies() -%}
    {{ return(true) }}
{%- endmacro %}
