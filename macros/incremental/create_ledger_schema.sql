{#
    The target's own schema, where the build ledger lies. dbt makes only those of the nodes it builds, and a project that installs this
    one may have given each a schema of its own. BigQuery: asks first, because who builds may not be allowed to make a dataset.
#}
{% macro create_ledger_schema() -%}
    {{ return(adapter.dispatch('create_ledger_schema', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__create_ledger_schema() -%}
    {%- do run_query('create schema if not exists ' ~ build_ledger().without_identifier()) -%}
{%- endmacro %}

{% macro bigquery__create_ledger_schema() -%}
    {%- if not adapter.check_schema_exists(target.database, target.schema) -%}
        {%- do adapter.create_schema(build_ledger()) -%}
    {%- endif -%}
{%- endmacro %}
