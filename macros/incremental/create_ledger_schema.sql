{#
    The target's schema, which holds the build ledger. dbt creates only the schemas of the nodes it builds, and a project that installs
    this one may have set another schema for each. BigQuery: checks first, because the identity that builds may not have the right to
    create a dataset.
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
