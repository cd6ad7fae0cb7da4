{#
    The landing key of a row in a table without a landing key: the row's content, and the number of its exact copy. Copies are equal, so
    it does not matter which of them is the second: if another one is appended, one key is new.
#}
{% macro row_landing_key(relation) -%}
    {%- set fingerprint = row_fingerprint([
        relation ~ '.tenant_id',
        relation ~ '.event_id',
        relation ~ '.event_name',
        relation ~ '.event_version',
        safe_timestamp(relation ~ '.timestamp'),
        safe_timestamp(relation ~ '.received_at'),
        safe_timestamp(relation ~ '.sent_at'),
        relation ~ '.user_id',
        relation ~ '.anonymous_id',
        relation ~ '.session_id',
        relation ~ '.context.page.url',
        relation ~ '.context.page.path',
        relation ~ '.context.page.title',
        relation ~ '.context.page.referrer',
        relation ~ '.context.user_agent',
        relation ~ '.context.ip',
        relation ~ '.context.locale',
        relation ~ '.context.timezone',
        relation ~ '.context.device.type',
        relation ~ '.context.device.vendor',
        relation ~ '.context.device.model',
        relation ~ '.context.os.name',
        relation ~ '.context.os.version',
        relation ~ '.context.browser.name',
        relation ~ '.context.browser.version',
        relation ~ '.context.extra',
        json_string(relation ~ '.properties'),
        json_string(relation ~ '.traits'),
    ]) -%}
    {{ fingerprint }}
    || '/'
    || cast(row_number() over (partition by {{ fingerprint }}) as {{ type_text() }})
{%- endmacro %}
