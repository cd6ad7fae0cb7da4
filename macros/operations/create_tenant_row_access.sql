{#
    Opt-in, BigQuery alone: lets a group read one tenant's rows of every mart table, and nobody else's.
        dbt run-operation create_tenant_row_access --target prod \
            --args '{tenant_id: tnt_acme_pharma, grantee: "group:acme-analysts@example.com"}'
    A table with a row access policy shows no row to those whom no policy names: name your own analysts in one without a
    tenant (tenant_id: null) first.
#}
{% macro create_tenant_row_access(tenant_id, grantee) -%}
    {%- for statement in tenant_row_access_statements(tenant_id, grantee) -%}
        {%- do run_query(statement) -%}
    {%- endfor -%}
{%- endmacro %}

{% macro tenant_row_access_statements(tenant_id, grantee) -%}
    {%- set statements = [] -%}
    {%- set condition = "tenant_id = '" ~ tenant_id ~ "'" if tenant_id else 'true' -%}
    {%- for node in graph.nodes.values() -%}
        {%- if
            node.resource_type == 'model'
            and node.config.materialized in ('table', 'incremental')
            and 'tenant_id' in node.columns
        -%}
            {%- do statements.append(
                'create or replace row access policy ' ~ (tenant_id or 'everybody') ~ ' on '
                ~ api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)
                ~ ' grant to ("' ~ grantee ~ '") filter using (' ~ condition ~ ')'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(statements) }}
{%- endmacro %}
