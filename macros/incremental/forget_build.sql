{#
    A pre-hook: an incremental model that is made anew, but not of all rows (sees_all_rows), has taken nothing, whatever the ledger
    says of the table that it replaces. `dbt build --empty --full-refresh` is such a build.
#}
{% macro forget_build() -%}
    {%- if
        execute
        and model.config.materialized == 'incremental'
        and not is_incremental()
        and not sees_all_rows()
    -%}
        delete from {{ build_ledger() }}
        where model_name = '{{ this.identifier }}'
    {%- endif -%}
{%- endmacro %}
