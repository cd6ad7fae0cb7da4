{#
    A pre-hook: clears the ledger of an incremental model that is rebuilt from only some of the rows (sees_all_rows), because what the
    ledger says is about the table that it replaces. `dbt build --empty --full-refresh` is such a build.
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
