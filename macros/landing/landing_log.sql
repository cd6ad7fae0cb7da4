{# Where the landing log lies, with a slash at the end; DuckDB alone reads it. #}
{% macro landing_log() -%}
    {{ return(env_var('BIOQMS_DATA', 'data').replace("'", "''") ~ '/log/') }}
{%- endmacro %}
