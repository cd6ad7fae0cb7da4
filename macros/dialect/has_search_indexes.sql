{# Whether the engine has search indexes. #}
{% macro has_search_indexes() -%}
    {{ return(adapter.dispatch('has_search_indexes', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__has_search_indexes() -%}
    {{ return(false) }}
{%- endmacro %}

{% macro bigquery__has_search_indexes() -%}
    {{ return(true) }}
{%- endmacro %}
