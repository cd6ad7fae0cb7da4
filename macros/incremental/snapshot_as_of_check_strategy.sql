{#
    A snapshot strategy: dbt's `check`, but history only moves forward. A row counts as changed when its columns differ and
    its `updated_at` (an as_of_date) is later than everything recorded, so neither a second build of a day nor a back-dated
    one rewrites what was published.
#}
{% macro snapshot_as_of_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) -%}
    {%- set strategy = snapshot_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) -%}
    {%- set is_later -%}
        {{ current_rel }}.{{ model_config.get('updated_at') }} > (
            select max(recorded.dbt_valid_from)
            from {{ snapshotted_rel }} as recorded
        )
    {%- endset -%}
    {%- do strategy.update({'row_changed': '(' ~ strategy.row_changed ~ ' and ' ~ is_later ~ ')'}) -%}
    {{ return(strategy) }}
{%- endmacro %}
