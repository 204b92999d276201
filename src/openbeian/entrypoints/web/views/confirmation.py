"""The page a named person reaches from a text message, without an account, to confirm a filing by code."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from openbeian.cases.actions.confirm_person import confirm_person
from openbeian.cases.errors import CodeWrong, ConfirmationOver
from openbeian.cases.models import SentMessage, SmsConfirmation
from openbeian.cases.queries import get_procedure
from openbeian.entrypoints.web.actors import client_address
from openbeian.entrypoints.web.gates import public
from openbeian.entrypoints.web.limiting import check_rate
from openbeian.entrypoints.web.views.errors import PageMissing
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.privacy.masking import mask_mobile, mask_name

_MOST_LOOKS, _MOST_TRIES = 60, 20
_LONGEST = 40


@public
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, secret: str) -> HttpResponse:
    """Shows what is to be confirmed, masked; posting tries code, mobile and the last six of the certificate.

    Raises: ConfirmationOver for an unknown or finished confirmation, TooManyTries.
    """
    is_try = request.method == "POST"
    check_rate(
        request, "confirm-try" if is_try else "confirm", most=_MOST_TRIES if is_try else _MOST_LOOKS, per_minutes=10
    )
    confirmation = SmsConfirmation.objects.filter(secret=secret).select_related("case").first()
    if confirmation is None:
        raise ConfirmationOver
    refusal = None
    if is_try:
        typed = [request.POST.get(name, "")[:_LONGEST] for name in ("code", "mobile", "certificate_tail")]
        try:
            confirm_person(_person(request), secret, *typed)
        except CodeWrong as wrong:
            refusal = wrong
        # Read again: the try may have been the last, or the confirmation another one's.
        confirmation.refresh_from_db()
    case = confirmation.case
    is_waiting = confirmation.state == SmsConfirmation.State.WAITING and clock.now() < confirmation.expires_at
    is_current = case.state == "awaiting_sms" and confirmation.round == case.confirmation_round
    context = {
        "confirmation": confirmation,
        "person": mask_name(confirmation.person_name),
        "mobile": mask_mobile(confirmation.mobile),
        "case": case,
        "procedure": get_procedure(case.procedure),
        "is_open": is_waiting and is_current,
        "is_confirmed": confirmation.state == SmsConfirmation.State.CONFIRMED,
        "refusal": refusal,
        "typed_code": request.POST.get("code", "")[:_LONGEST],
        "typed_mobile": request.POST.get("mobile", "")[:_LONGEST],
    }
    status = (
        refusal.status if refusal else 200 if context["is_open"] or context["is_confirmed"] else ConfirmationOver.status
    )
    response = render(request, "openbeian/confirm/confirm.html", context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    # The address is the key: it travels no further than this site. Not "no-referrer": a browser then sends the form
    # with `Origin: null`, which the guard against forged requests refuses.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _person(request: HttpRequest) -> Actor:
    """Somebody without an account, known only by the link they hold; the journal keeps the address."""
    return Actor(None, "所列负责人", None, "", frozenset(), frozenset(), "web", client_address(request))


@public
@require_safe
def show_demo_phone(request: HttpRequest) -> HttpResponse:
    """The text messages of the demo, all of it invented. Only in demo mode and only on this very machine.

    Raises: PageMissing everywhere else.
    """
    if not settings.DEMO or not _is_loopback(request):
        raise PageMissing
    messages = []
    for sent in SentMessage.objects.order_by("-pk")[:50]:
        before, found, rest = sent.body.partition("/confirm/")
        secret, _, after = rest.partition("/")
        messages.append({"sent": sent, "before": before, "secret": secret if found else "", "after": after})
    return render(request, "openbeian/confirm/phone.html", {"sent_messages": messages})


def _is_loopback(request: HttpRequest) -> bool:
    try:
        return ipaddress.ip_address(client_address(request)).is_loopback
    except ValueError:
        return False
