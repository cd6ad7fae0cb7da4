{#
    A post-hook of the marts: who may see which tenants' rows, by the var row_access; nothing on an engine without row access policies.
    BigQuery shows no row of a table with policies to anybody whom no policy names, and a build must not read its own marts as empty. So
    the identity that builds gets access first.
#}
{% macro tenant_row_access() -%}
    {%- if
        execute
        and var('row_access')
        and has_row_access_policies()
        and model.config.materialized == 'table'
        and 'tenant_id' in model.columns
    -%}
        {%- set access = var('row_access') -%}
        {%- set builder = run_query('select session_user()').columns[0].values()[0] -%}
        {%- set kind = 'serviceAccount:' if builder.endswith('.gserviceaccount.com') else 'user:' -%}
        {%- set everybody = [kind ~ builder] + access.get('everybody', []) -%}
        {%- do run_query(row_access_policy('everybody', everybody, 'true')) -%}
        {%- for tenant_id, grantees in access.get('tenants', {}).items() -%}
            {#- The collector accepts no other characters; a name has even fewer. -#}
            {%- if not modules.re.fullmatch('[A-Za-z0-9_.:-]+', tenant_id) -%}
                {%- do exceptions.raise_compiler_error("row_access: '" ~ tenant_id ~ "' is no tenant_id") -%}
            {%- endif -%}
            {%- set name = 'tenant_' ~ local_md5(tenant_id)[:16] -%}
            {%- do run_query(row_access_policy(name, grantees, "tenant_id = '" ~ tenant_id ~ "'")) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
