{# The statement that lets some people see the rows of this table that meet a condition. Only for BigQuery: see tenant_row_access(). #}
{% macro row_access_policy(name, grantees, condition) -%}
    create or replace row access policy {{ name }}
    on {{ this }}
    grant to (
        {%- for grantee in grantees %}'{{ grantee | replace("'", "") }}'{{ ', ' if not loop.last }}{% endfor -%}
    )
    filter using ({{ condition }})
{%- endmacro %}
