"""What the people of the stories do at the portal, in clicks and keys; everybody and everything is fictional."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image
from playwright.sync_api import Locator, Page, expect
from stdnum.cn import ric, uscc

_serials = itertools.count(1)


def make_credit_code() -> str:
    body = f"91110101TALE{next(_serials):05d}"
    return body + uscc.calc_check_digit(body)


def make_resident_id() -> str:
    body = f"11010119880808{next(_serials):03d}"
    return body + ric.calc_check_digit(body + "0")


def make_mobile() -> str:
    return f"1371111{next(_serials):04d}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named as responsible, with the phone and the certificate that only they hold."""

    name: str
    mobile: str = field(default_factory=make_mobile)
    emergency_phone: str = field(default_factory=make_mobile)
    certificate: str = field(default_factory=make_resident_id)

    @property
    def email(self) -> str:
        return f"p{self.mobile}@example.cn"


def find_field(page: Page, path: str) -> Locator:
    """The control of a field of the filing form."""
    return page.locator(f"#field-{path.replace('.', '-')}")


def type_person(page: Page, path: str, person: Person) -> None:
    find_field(page, f"{path}.name").fill(person.name)
    find_field(page, f"{path}.certificate_type").select_option("resident_id")
    find_field(page, f"{path}.certificate_number").fill(person.certificate)
    find_field(page, f"{path}.certificate_from").fill("2020-01-01")
    find_field(page, f"{path}.certificate_until").fill("2040-01-01")
    find_field(page, f"{path}.mobile").fill(person.mobile)
    find_field(page, f"{path}.emergency_phone").fill(person.emergency_phone)
    find_field(page, f"{path}.email").fill(person.email)


def type_sponsor(page: Page, name: str, person: Person) -> None:
    """A company in Dongcheng, Beijing, on the page of the first step."""
    find_field(page, "sponsor.nature").select_option("enterprise")
    find_field(page, "sponsor.certificate_type").select_option("business_licence")
    find_field(page, "sponsor.name").fill(name)
    for level, code in enumerate(("110000", "110100", "110101"), 1):
        page.locator(f"[name='sponsor.region:{level}']").select_option(code)
    find_field(page, "sponsor.certificate_number").fill(make_credit_code())
    find_field(page, "sponsor.certificate_address").fill("北京市东城区故事路8号")
    page.locator("[name='sponsor.certificate_until:none']").check()
    find_field(page, "sponsor.address").fill("北京市东城区故事路8号")
    find_field(page, "sponsor.legal_representative").fill(person.name)
    type_person(page, "sponsor.person", person)


def type_service(page: Page, place: int, kind: str, name: str, values: dict[str, str]) -> None:
    """One service at its place in the second step; `values` are those that only its kind has."""
    path = f"services.{place}"
    find_field(page, f"{path}.kind").select_option(kind)
    find_field(page, f"{path}.name").fill(name)
    for key, value in values.items():
        find_field(page, f"{path}.{key}").fill(value)
    tick(page, f"{path}.contents", "其他")
    tick(page, f"{path}.languages", "中文简体")
    tick(page, f"{path}.approvals", "以上均不涉及")
    find_field(page, f"{path}.remark").fill("介绍本单位的图书和读书活动，供读者查看，不出售任何商品。")


def tick(page: Page, path: str, label: str) -> None:
    find_field(page, path).get_by_label(label, exact=True).check()


def go_on(page: Page, step: str = "") -> None:
    """To the next step, by its button at the end of the page; with a name, to the step of that name."""
    here = page.locator("[aria-current=step]").inner_text()
    words = re.compile(f"^下一步：{step}")
    page.get_by_role("button", name=words).or_(page.get_by_role("link", name=words)).click()
    expect(page.locator("[aria-current=step]")).not_to_have_text(here)


def draw_paper(text: str) -> bytes:
    """A picture large enough to be taken for a paper; no two are alike."""
    shade = sum(text.encode()) % 200
    picture = Image.new("RGB", (900, 1200), (shade, 255 - shade, 200))
    written = BytesIO()
    picture.save(written, "JPEG")
    return written.getvalue()


def hand_in_papers(page: Page) -> None:
    """A picture for every paper that is asked for, one after the other, until none is."""
    for number in itertools.count(1):
        missing = page.locator("section.paper").filter(has=page.get_by_text("待上传"))
        if missing.count() == 0:
            return
        assert number < 20, "the page never has enough"
        paper = missing.first
        anchor = paper.get_attribute("id")
        paper.locator("form.drop > label input[type=file]").first.set_input_files(
            {"name": f"材料{number}.jpg", "mimeType": "image/jpeg", "buffer": draw_paper(f"{anchor}{number}")}
        )
        expect(page.locator(f"section.paper[id='{anchor}']").get_by_text("已上传", exact=True)).to_be_visible()


def promise(page: Page) -> None:
    """Ticks every promise of the step before the last."""
    for box in page.locator("#section-form input[type=checkbox][name^='verification.']").all():
        box.check()


def submit(page: Page) -> str:
    """Presses the last button and gives the case's reference."""
    expect(page.get_by_role("heading", name="可以提交")).to_be_visible()
    page.get_by_role("button", name="提交", exact=True).click()
    said = page.get_by_text("已提交，办件号")
    expect(said).to_be_visible()
    found = re.search(r"办件号 (\S+?)。", said.inner_text())
    assert found is not None
    return found[1]


def open_review(page: Page, reference: str) -> None:
    """From the desk's queue to the page on which the case is judged."""
    page.get_by_role("link", name="审核台").first.click()
    page.get_by_role("searchbox").first.fill(reference)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=reference).or_(
        page.locator("tr", has_text=reference).get_by_role("link")
    ).first.click()
    expect(page.get_by_role("heading", name="处理")).to_be_visible()


def press(page: Page, verb: str) -> None:
    """A button of the desk that needs no reasons, and the sentence that says it was done."""
    page.get_by_role("button", name=re.compile(f"^{verb}")).click()
    expect(page.get_by_text(f"已{verb}，现为")).to_be_visible()


def confirm_on_phone(page: Page, reference: str, person: Person) -> None:
    """Reads the newest code that came to the person's phone and types it on the page that the message links to."""
    page.goto("/demo/phone/")
    message = page.locator("article").filter(has_text=person.mobile).filter(has_text=reference).first
    code = re.search(r"核验码\D*(\d{6})", message.inner_text())
    assert code is not None
    message.get_by_role("link").click()
    page.get_by_label("短信中的核验码").fill(code[1])
    page.get_by_label("收到短信的手机号码").fill(person.mobile)
    page.get_by_label("本人证件号码后六位").fill(person.certificate[-6:])
    page.get_by_role("button", name="确认知情并核验").click()
    expect(page.get_by_role("heading", name="核验完成")).to_be_visible()
