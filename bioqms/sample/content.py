"""What the product shows and says: pages, buttons, forms, endpoints, names, browsers.

Everything that goes into an event is kept as a ready piece of JSON text, because writing ready
pieces is what makes the generator fast.
"""

import json
from typing import Final, NamedTuple


def as_json(value: object) -> str:
    """Write a value as compact JSON, other alphabets as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def members(**values: object) -> str:
    """Write the members of an object without its braces."""
    return as_json(values)[1:-1]


class Page(NamedTuple):
    """A page: ``head`` is its JSON up to the referrer, ``props`` those of its ``page.viewed``."""

    url: str
    head: str
    props: str


def page(path: str, title: str, category: str) -> Page:
    """Build a page that has a fixed address."""
    head = f'"page":{{"url":"{path}","path":"{path}","title":{as_json(title)},"referrer":"'
    return Page(path, head, members(category=category))


HOME: Final = page("/", "BIO-QMS – Quality, documented", "marketing")
LOGIN: Final = page("/login", "Sign in", "account")
SIGNUP: Final = page("/signup", "Create your account", "account")
MARKETING: Final = (
    HOME,
    page("/pricing", "Plans and pricing", "marketing"),
    page("/product/21-cfr-part-11", "21 CFR Part 11 without tears", "marketing"),
    page("/customers", "Who works with us – Zürich, São Paulo, 東京", "marketing"),
    page("/blog/data-integrity", "Data integrity: ALCOA+ in practice", "marketing"),
)
DASHBOARD: Final = page("/dashboard", "Dashboard", "operations")
APP_PAGES: Final = (
    DASHBOARD,
    page("/work-orders", "Work Orders", "operations"),
    page("/work-orders/new", "New Work Order", "operations"),
    page("/batches", "Batch Records", "operations"),
    page("/deviations", "Deviations", "quality"),
    page("/capa", "CAPA", "quality"),
    page("/documents", "Controlled Documents", "quality"),
    page("/documents/sop-017", "SOP-017 Reinigung und Übergabe der Reinräume", "quality"),
    page("/training", "Training Matrix", "people"),
    page("/audit-trail", "Audit Trail", "quality"),
    page("/analytics", "Analytics", "management"),
    page("/analytics/right-first-time", "Right First Time", "management"),
    page("/equipment", "Equipment and Calibration", "operations"),
    page("/suppliers", "Suppliers", "quality"),
    page("/settings/users", "Users and Roles", "administration"),
    page("/help", "Help", "help"),
)
# Pages that each role opens (indexes into APP_PAGES); -1 is the page of one work order.
NAVIGATION: Final = {
    "operator": (-1, -1, -1, -1, 0, 1, 1, 2, 3, 12, 7, 8),
    "qa_reviewer": (-1, -1, -1, 0, 1, 3, 4, 4, 5, 6, 9, 7),
    "manager": (-1, -1, 0, 0, 1, 10, 10, 11, 8, 4, 13, 5),
    "admin": (-1, 0, 14, 14, 14, 9, 12, 15, 8, 1),
    "scientist": (-1, -1, 0, 1, 3, 6, 6, 4, 10, 15),
    "auditor": (-1, -1, 9, 9, 9, 6, 4, 5, 13, 3),
}
WORK_ORDER_TITLES: Final = (
    "Buffer Preparation",
    "Media Fill, Line 2",
    "Pufferlösung ansetzen, Süd",
    "Überprüfung Reinraum Ä-12 (Jürgen Müller)",
    "Préparation du tampon (Zoë Lefèvre)",
    "Pesée des matières premières",
    "バッファー調製(山田 太郎)",
    "Preparação do meio de cultura (João Gonçalves)",
    "Purification, column C-204",
    "Fill and Finish, Lot 7",
    "Lyophilisation cycle review",
    "Environmental monitoring – Søren Kjærgaard",
    "Stability pull, 24 months",
    "Bioreactor 2000 L inoculation",
    "Filter integrity test",
    "Label reconciliation",
)
# Referrers of the first page of a visit; the empty one is a typed address.
REFERRERS: Final = (
    "",
    "",
    "",
    "https://www.google.com/",
    "https://outlook.office.com/",
    "https://login.microsoftonline.com/",
    "https://teams.microsoft.com/",
    "https://www.bing.com/",
)

BUTTONS: Final = tuple(
    members(button_id=button, button_text=text, location=place)
    for button, text, place in (
        ("create_work_order", "New Work Order", "dashboard_header"),
        ("save_draft", "Save draft", "form_footer"),
        ("submit_for_review", "Submit for review", "form_footer"),
        ("approve", "Approve", "review_bar"),
        ("reject", "Send back", "review_bar"),
        ("attach_file", "Attach", "work_order_toolbar"),
        ("add_comment", "Comment", "work_order_sidebar"),
        ("print_label", "Print label", "work_order_toolbar"),
        ("next_step", "Next step", "batch_record"),
        ("previous_step", "Back", "batch_record"),
        ("open_filter", "Filter", "list_header"),
        ("export_csv", "Export", "list_header"),
        ("sort_due_date", "Due date ↓", "list_header"),
        ("toggle_sidebar", "☰", "app_bar"),
        ("notifications", "Notifications", "app_bar"),
        ("language", "Deutsch / English / 日本語", "app_bar"),
    )
)
FORMS: Final = tuple(
    f'"form_id":"{form}","form_type":"{kind}","fields_completed":{fields},"validation_errors":'
    for form, kind, fields in (
        ("work_order_creation", "create", 12),
        ("deviation_report", "create", 17),
        ("capa_plan", "update", 9),
        ("batch_step", "update", 4),
        ("batch_step", "update", 5),
        ("document_review", "update", 3),
        ("training_record", "create", 6),
        ("equipment_log", "create", 8),
    )
)
LOGIN_FORM: Final = (
    '"form_id":"login","form_type":"login","fields_completed":2,"validation_errors":0'
)
ENDPOINTS: Final = tuple(
    f'"endpoint":"{endpoint}","method":"{method}","status_code":'
    for endpoint, method in (
        ("/api/v1/work-orders", "GET"),
        ("/api/v1/work-orders", "GET"),
        ("/api/v1/work-orders", "POST"),
        ("/api/v1/work-orders/:id", "GET"),
        ("/api/v1/work-orders/:id", "GET"),
        ("/api/v1/work-orders/:id", "PATCH"),
        ("/api/v1/batches", "GET"),
        ("/api/v1/batches/:id/steps", "POST"),
        ("/api/v1/documents", "GET"),
        ("/api/v1/signatures", "POST"),
        ("/api/v1/audit-trail", "GET"),
        ("/api/v1/training", "GET"),
        ("/api/v1/search", "GET"),
        ("/api/v1/notifications", "GET"),
        ("/api/v1/notifications", "GET"),
        ("/api/v1/reports/:id", "GET"),
    )
)
ERRORS: Final = tuple(
    members(error_type=kind, error_code=code, error_message=message, endpoint=endpoint)
    for kind, code, message, endpoint in (
        ("api_error", "E502", "Gateway timeout", "/api/v1/work-orders"),
        ("api_error", "E503", "Service unavailable", "/api/v1/batches"),
        ("api_error", "E409", "The record was changed by someone else", "/api/v1/work-orders/:id"),
        ("validation_error", "E422", "Lot number is not known", "/api/v1/batches/:id/steps"),
        ("javascript_error", "TypeError", "Cannot read properties of undefined", ""),
        ("javascript_error", "ChunkLoadError", "Loading chunk 17 failed", ""),
        ("network_error", "ENET", "Failed to fetch", "/api/v1/notifications"),
        (
            "permission_error",
            "E403",
            "Signature meaning not allowed for role",
            "/api/v1/signatures",
        ),
    )
)
AGENTS: Final = tuple(
    members(agent_type=kind, agent_name=name, model=model)
    for kind, name, model in (
        ("deviation_triage", "Triage", "bio-large-2"),
        ("sop_writer", "SOP Writer", "bio-large-2"),
        ("batch_reviewer", "Batch Reviewer", "bio-small-1"),
        ("capa_advisor", "CAPA Advisor", "bio-small-1"),
    )
)
STATUSES: Final = (
    ("draft", "in_progress"),
    ("in_progress", "pending_review"),
    ("in_progress", "on_hold"),
    ("on_hold", "in_progress"),
    ("pending_review", "approved"),
    ("pending_review", "in_progress"),
    ("approved", "closed"),
    ("in_progress", "pending_review"),
)

GIVEN_NAMES: Final = (
    *("Ana", "Jürgen", "Zoë", "Søren", "太郎", "João", "Fatima", "Liam", "Mei", "Noël"),
    *("Priya", "Łukasz", "Grace", "Björn", "Inês", "Kenji", "Olivia", "Ahmed", "Chloé"),
)
FAMILY_NAMES: Final = (
    *("Müller", "Lefèvre", "Kjærgaard", "山田", "Gonçalves", "Smith", "Okafor", "Novák"),
    *("García", "Tanaka", "Nguyễn", "Rossi", "Brown", "Schäfer", "Silva", "Johansson", "Lim"),
)
# Free text in which people leave what they should not; {n} is the person's number.
PERSONAL_TEXTS: Final = (
    "Please reply to qa.user{n:05d}@example.com before release",
    "Call 555-014-{n:04d} when the line is clear",
    "Operator badge matches SSN 078-05-{n:04d}",
    "Paid by card 4111 1111 1111 1111, invoice {n}",
    "Rückfragen an schichtleitung{n:05d}@example.de, Tel. 555.017.{n:04d}",
)

DESKTOP, TABLET, PHONE = range(3)
USER_AGENTS: Final = (
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/131.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/18.1 Safari/605.1.15",
        "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
    ),
    (
        "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/18.1 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/131.0.0.0 Safari/537.36",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/131.0.0.0 Mobile Safari/537.36",
    ),
)
LOCALES: Final = {
    "America/New_York": ("en-US", "en-US", "es-US"),
    "America/Chicago": ("en-US", "en-US", "es-US"),
    "America/Los_Angeles": ("en-US", "en-US", "zh-CN"),
    "Europe/London": ("en-GB", "en-GB", "pl-PL"),
    "Europe/Berlin": ("de-DE", "de-DE", "en-GB"),
    "Europe/Zurich": ("de-CH", "fr-CH", "en-GB"),
    "Asia/Tokyo": ("ja-JP", "ja-JP", "en-US"),
    "Asia/Singapore": ("en-SG", "zh-SG", "en-SG"),
    "America/Sao_Paulo": ("pt-BR", "pt-BR", "en-US"),
}
