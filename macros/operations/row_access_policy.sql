{# The statement that lets some see the rows of this table which fulfil a condition. BigQuery alone: see tenant_row_access(). #}
{% macro row_access_policy(name, grantees, condition) -%}
    create or replace row access policy {{ name }}
    on {{ this }}
    grant to (
        {%- for grantee in grantees %}'{{ grantee | replace("'", "") }}'{{ ', ' if not loop.last }}{% endfor -%}
    )
    filter using ({{ condition }})
{%- endmacro %}
