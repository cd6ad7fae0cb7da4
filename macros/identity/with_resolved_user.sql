{#
    The events of a CTE with `resolved_user_id`: the event's own user, otherwise the user of the device at that event; renamed ids are
    replaced by their final id. `event_at` names the column with the event's time.
#}
{% macro with_resolved_user(events, event_at='event_at') -%}
    select
        {{ events }}.*,
        coalesce(renames.final_user_id, {{ events }}.user_id, spans.user_id)
            as resolved_user_id
    from {{ events }}
    left join {{ ref('int_user_renames') }} as renames
        on
            {{ events }}.tenant_id = renames.tenant_id
            and {{ events }}.user_id = renames.user_id
    left join {{ ref('int_device_user_spans') }} as spans
        on
            {{ events }}.user_id is null
            and {{ events }}.tenant_id = spans.tenant_id
            and {{ events }}.anonymous_id = spans.anonymous_id
            and (
                spans.span_start_at is null
                or {{ events }}.{{ event_at }} > spans.span_start_at
                or (
                    {{ events }}.{{ event_at }} = spans.span_start_at
                    and {{ events }}.event_id >= spans.span_start_event_id
                )
            )
            and (
                spans.span_end_at is null
                or {{ events }}.{{ event_at }} < spans.span_end_at
                or (
                    {{ events }}.{{ event_at }} = spans.span_end_at
                    and {{ events }}.event_id < spans.span_end_event_id
                )
            )
{%- endmacro %}
