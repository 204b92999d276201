"""The settings pages, the journal page and the two switches in the bar."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from openbeian.accounts.acting import actor_of
from openbeian.accounts.actions.change_organisation import change_organisation
from openbeian.accounts.models import ApiToken, Invitation, Organisation
from openbeian.journal.models import Entry
from openbeian.registry.models import Provider
from tests.accounts.factories import make_member, make_organisation, make_user
from tests.web.portal import browse, make_administrator, make_operator

pytestmark = pytest.mark.django_db

PAGES = ["", "account/", "tokens/", "lead-times/", "organisation/", "installation/", "providers/", "providers/new/"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_settings_page_shows_in_both_languages_and_asks_strangers_to_sign_in(page: str, language: str) -> None:
    client = browse(make_operator())
    client.cookies["language"] = language
    response = client.get(f"/settings/{page}", follow=True)
    text = response.content.decode()
    assert response.status_code == 200
    assert f'lang="{"en" if language == "en" else "zh-CN"}"' in text
    visible = re.sub(r"<script.*?</script>|<[^>]+>|English|中文", " ", text, flags=re.S)
    if language == "en":
        visible = re.sub(r"测试\S*|[京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新]B1-\d+", "", visible)
        assert not re.findall(r"[\u4e00-\u9fff]+", visible)
    assert "style=" not in text
    assert browse().get(f"/settings/{page}").headers["Location"].startswith("/accounts/login/")


def test_pages_above_ones_rights_are_refused() -> None:
    applicant = browse(make_member(make_organisation(), "applicant"))
    for page in ("organisation/", "installation/", "providers/"):
        assert applicant.get(f"/settings/{page}").status_code == 403
    assert applicant.get("/journal/").status_code == 403
    administrator = browse(make_administrator())
    assert administrator.get("/settings/installation/").status_code == 403
    assert administrator.get("/settings/providers/new/").status_code == 403


def test_another_organisations_page_does_not_exist() -> None:
    other = make_organisation()
    client = browse(make_administrator())
    assert client.get(f"/settings/organisations/{other.pk}/").status_code == 404
    assert client.post(f"/settings/organisations/{other.pk}/", {"name": "x"}).status_code == 404
    assert client.post(f"/settings/organisations/{other.pk}/invite/", {"email": "x@example.cn"}).status_code == 404
    assert not Entry.objects.exists()


def test_an_invitation_link_is_shown_once_works_and_is_mailed_when_mail_is_configured(
    settings: object, mailoutbox: list[object]
) -> None:
    administrator = make_administrator()
    client, path = browse(administrator), f"/settings/organisations/{administrator.organisation_id}/"
    page = client.post(path + "invite/", {"email": "a@example.cn", "roles": ["applicant"]}).content.decode()
    link = re.search(r"http://127\.0\.0\.1(/invitation/[\w-]+/)", page)
    assert link is not None
    assert browse().get(link[1]).status_code == 200
    assert link[1] not in client.get(path).content.decode()
    assert not mailoutbox
    settings.OPENBEIAN_MAIL = "smtp.example.cn"  # type: ignore[attr-defined]
    client.post(f"{path}invitations/{Invitation.objects.get().pk}/resend/")
    assert [m.to for m in mailoutbox] == [["a@example.cn"]]  # type: ignore[attr-defined]
    assert browse().get(link[1]).status_code == 410


def test_a_refused_invitation_keeps_the_form() -> None:
    administrator = make_administrator()
    path = f"/settings/organisations/{administrator.organisation_id}/invite/"
    response = browse(administrator).post(path, {"email": administrator.user.email, "roles": ["applicant"]})
    assert response.status_code == 422
    assert "已是" in response.content.decode()
    assert f'value="{administrator.user.email}"' in response.content.decode()


def test_members_are_changed_from_the_page() -> None:
    administrator = make_administrator()
    member = make_member(administrator.organisation, "applicant")
    path = f"/settings/organisations/{administrator.organisation_id}/members/{member.pk}/"
    browse(administrator).post(path, {"roles": ["auditor"], "is_active": "no"})
    member.refresh_from_db()
    assert (member.roles, member.is_active) == (["auditor"], False)


def test_a_deactivated_member_acts_for_nobody() -> None:
    member = make_member(make_organisation(), "administrator")
    client = browse(member)
    assert client.get("/journal/").status_code == 200
    member.is_active = False
    member.save()
    assert client.get("/journal/").status_code == 403


def test_a_token_is_shown_once_and_revoked_by_its_holder_only() -> None:
    member = make_member(make_organisation(), "applicant")
    client = browse(member)
    page = client.post("/settings/tokens/", {"name": "资产同步", "days": "30"}).content.decode()
    secret = re.search(r"ob_[\w-]{40,}", page)
    assert secret is not None
    assert secret[0] not in client.get("/settings/tokens/").content.decode()
    token = ApiToken.objects.get()
    assert browse(make_administrator()).post(f"/settings/tokens/{token.pk}/revoke/").status_code == 404
    client.post(f"/settings/tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_the_operator_adds_an_organisation_and_a_provider() -> None:
    client = browse(make_operator())
    response = client.post("/settings/installation/", {"name": "华东云", "kind": "access_provider"})
    made = Organisation.objects.get(name="华东云")
    assert response.headers["Location"] == f"/settings/organisations/{made.pk}/"
    entry = {
        "name": "华东云",
        "kind": "access_provider",
        "channel": "inside",
        "organisation_id": made.pk,
        "is_active": "on",
    }
    refused = client.post("/settings/providers/new/", entry | {"address_ranges": "8.8.8.8\n10.0.0.1", "licences": "B"})
    assert refused.status_code == 422
    assert "10.0.0.1" in refused.content.decode()
    assert not Provider.objects.exists()
    client.post("/settings/providers/new/", entry | {"address_ranges": "8.8.8.0/24", "licences": "沪B1-20260001"})
    provider = Provider.objects.get()
    assert provider.organisation_id == made.pk
    own = browse(make_administrator(made))
    assert own.get(f"/settings/providers/{provider.pk}/").status_code == 200
    assert browse(make_administrator()).get(f"/settings/providers/{provider.pk}/").status_code == 404


def test_the_language_is_kept_in_a_cookie_and_leads_back_on_this_site_only() -> None:
    make_user()
    client = browse()
    response = client.post("/language/", {"language": "en", "next": "/accounts/login/"})
    assert (response.headers["Location"], response.cookies["language"].value) == ("/accounts/login/", "en")
    assert client.post("/language/", {"language": "xx", "next": "//evil.example/"}).headers["Location"] == "/"


def test_one_switches_only_to_ones_own_organisations() -> None:
    user = make_user()
    first = make_member(make_organisation(name="第一家"), "administrator", user=user)
    second = make_member(make_organisation(name="第二家"), "auditor", user=user)
    client = browse(first)
    client.post("/organisation/", {"organisation": second.organisation_id})
    assert client.get("/settings/organisation/").status_code == 403
    for wanted in (make_organisation().pk, "x", ""):
        assert client.post("/organisation/", {"organisation": wanted}).status_code == 404
    second.is_active = False
    second.save()
    assert client.post("/organisation/", {"organisation": second.organisation_id}).status_code == 404


def test_the_journal_shows_and_exports_only_what_concerns_the_reader() -> None:
    mine, other = make_administrator(), make_administrator()
    change_organisation(actor_of(mine, "web"), mine.organisation_id, "=我的单位")
    change_organisation(actor_of(other, "web"), other.organisation_id, "别人的单位")
    client = browse(mine)
    page = client.get("/journal/").content.decode()
    assert "修改单位信息" in page
    assert "别人的单位" not in page
    lines = b"".join(client.get("/journal/export/jsonl/").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert [json.loads(line)["sequence"] for line in lines] == [1]
    table = b"".join(client.get("/journal/export/csv/").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(table)))
    assert rows[1][3] == "修改单位信息"
    assert client.get("/journal/export/xlsx/").status_code == 404
    operator = browse(make_operator())
    assert "别人的单位" in operator.get("/journal/").content.decode()


def test_the_journal_is_filtered_in_the_address() -> None:
    administrator = make_administrator()
    actor = actor_of(administrator, "web")
    change_organisation(actor, administrator.organisation_id, "新名称")
    client = browse(administrator)
    day = Entry.objects.get().at.date().isoformat()
    for query, count in (
        ("event=organisation.changed", 1),
        ("event=token.issued", 0),
        (f"subject=organisation:{administrator.organisation_id}", 1),
        ("subject=case:1", 0),
        (f"person={administrator.user.name}", 1),
        ("person=nobody", 0),
        ("from=2001-01-01", 1),
        ("until=2001-01-01", 0),
        ("from=yesterday", 1),
        (f"until={day}&from=2001-01-01&page=99", None),
        ("until=9999-12-31", 1),
    ):
        response = client.get(f"/journal/?{query}")
        assert response.status_code == 200
        if count is not None:
            assert response.context["page"].paginator.count == count, query
