"""The simulated bureau: the order of its checks, its codes, what it puts on record, and what it sends back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.authority.bureau import ACCOUNT, connect, make_bureau, serve
from tests.authority.dialogue import NOON, acknowledge_all, call, fetch_all, pack, publish, send
from tests.authority.samples import make_filing, make_upload

from openbeian.authority.errors import CredentialsRefused
from openbeian.authority.interface import ACKNOWLEDGE, DOWNLOAD, PREVIOUS, VERIFY
from openbeian.authority.messages.download import Download, FilingNews, Notice
from openbeian.authority.simulator.bureau import Bureau
from openbeian.authority.simulator.desk import DeskNotConnected, choose_desk
from openbeian.authority.simulator.store import Store
from openbeian.kernel import clock


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Bureau]:
    made = make_bureau(tmp_path)
    acknowledge_all(made)
    yield made
    made.store.close()


def test_the_first_file_of_a_new_bureau_brings_the_code_tables(tmp_path: Path) -> None:
    bureau = make_bureau(tmp_path)
    (tables,) = (document.code_tables for document in fetch_all(bureau))
    bureau.store.close()
    assert tables is not None
    assert {code.code: code.name for code in tables.contents}[8] == "单位门户网站"
    assert {code.code: code.mask for code in tables.contents}[8] == 128


@pytest.mark.parametrize(
    ("changes", "policy", "code"),
    [
        ({"ispId": "1"}, {"is_uploading_down": True}, 901),
        ({"ispId": "1", "userName": "x"}, {}, 12),
        ({"userName": "x", "randVal": "short"}, {}, 4),
        ({"randVal": "a" * 19, "pwdHash": "x"}, {}, 16),
        ({"randVal": "a" * 21}, {}, 12),
        ({"randVal": "a" * 19 + "!"}, {}, 12),
        ({"pwdHash": "x"}, {"is_of_province": False}, 5),
        ({}, {"is_of_province": False, "may_report": False}, 13),
        ({}, {"may_report": False, "hours": (0, 0)}, 19),
        ({"encryptAlgorithm": 7}, {"hours": (0, 0)}, 20),
        ({"encryptAlgorithm": 7, "compressionFormat": 7}, {}, 9),
        ({"hashAlgorithm": 7, "compressionFormat": 7}, {}, 10),
        ({"compressionFormat": 7, "dataSequence": 9}, {"waiting_files": 0}, 11),
        ({"beianInfo": "A" * 80_000_000}, {"waiting_files": 0}, 18),
        ({"dataSequence": 9}, {"waiting_files": 0}, 15),
        ({"dataSequence": 9, "beianInfo": "?"}, {}, 14),
        ({"beianInfo": "QUJD", "beianInfoHash": "?"}, {}, 6),
        ({"beianInfoHash": "AAAAAAAAAAAAAAAAAAAAAA=="}, {}, 7),
        ({"dataSequence": "x"}, {}, 999),
    ],
)
def test_each_check_comes_before_the_next_and_nothing_refused_is_kept(
    tmp_path: Path, changes: dict[str, Any], policy: dict[str, Any], code: int
) -> None:
    bureau = make_bureau(tmp_path, **policy)
    with clock.hold(NOON):
        assert send(bureau, pack(make_upload()), sequence=1, **changes).code == code
    assert bureau.store.get_last_sequence() == 0
    bureau.store.close()


def test_what_does_not_unzip_or_holds_two_files_is_refused(bureau: Bureau) -> None:
    assert send(bureau, b"not a zip").code == 8
    assert bureau.store.get_last_sequence() == 0


def test_a_random_value_is_good_for_one_call_even_when_that_call_was_refused(bureau: Bureau) -> None:
    value = "A" * 20
    assert call(bureau, ACKNOWLEDGE, fileName="", randVal=value).code == 21
    assert call(bureau, PREVIOUS, randVal=value).code == 12
    assert call(bureau, PREVIOUS, randVal="B" * 20).code == 0
    assert call(bureau, PREVIOUS, randVal="B" * 20).code == 12


def test_a_gap_names_the_missing_numbers_and_the_file_is_not_taken(bureau: Bureau) -> None:
    answer = send(bureau, pack(make_upload()), sequence=3)
    assert (answer.code, answer.missing) == (14, (1, 2))
    assert bureau.store.get_last_sequence() == 0


def test_the_same_file_under_its_old_number_is_taken_without_effect_and_another_is_not(bureau: Bureau) -> None:
    archive = pack(make_upload())
    assert [send(bureau, archive, sequence=1).code for _ in range(3)] == [0, 0, 0]
    codes = [r for d in fetch_all(bureau) for r in (d.icp.results if d.icp else ())]
    assert len(codes) == 1
    other = send(bureau, pack(make_upload(make_filing(2))), sequence=1)
    assert (other.code, other.missing) == (14, (2,))


def test_before_any_upload_the_previous_one_is_empty_with_sequence_zero(bureau: Bureau) -> None:
    answer = call(bureau, PREVIOUS)
    assert answer.code == 0
    assert answer.file is not None
    assert (answer.file.sequence, answer.file.sealed.content) == (0, "")


def test_a_delay_holds_results_back_and_then_lets_them_go(tmp_path: Path) -> None:
    bureau = make_bureau(tmp_path, delay_s=60)
    acknowledge_all(bureau)
    with clock.hold(NOON):
        send(bureau, pack(make_upload()))
        assert fetch_all(bureau) == []
    with clock.hold(NOON + timedelta(seconds=61)):
        assert len(fetch_all(bureau)) == 2
    bureau.store.close()


def test_a_review_desk_that_is_not_connected_is_refused_in_words() -> None:
    with pytest.raises(DeskNotConnected, match="No review desk"):
        choose_desk("desk")


def test_an_unacknowledged_file_comes_again_until_it_is_acknowledged(bureau: Bureau) -> None:
    bureau.post(Download(icp=FilingNews(notices=(Notice(scope=0, text="限期整改"),))))
    first, again = call(bureau, DOWNLOAD).file, call(bureau, DOWNLOAD).file
    assert first is not None
    assert again is not None
    assert first.name == again.name
    assert [call(bureau, ACKNOWLEDGE, fileName=first.name).code for _ in range(2)] == [0, 0]
    assert call(bureau, DOWNLOAD).code == 2
    assert call(bureau, ACKNOWLEDGE, fileName="unknown.xml").code == 999
    assert call(bureau, ACKNOWLEDGE, fileName="").code == 21


def test_the_answer_says_whether_more_files_wait(bureau: Bureau) -> None:
    for text in ("甲", "乙"):
        bureau.post(Download(icp=FilingNews(notices=(Notice(scope=0, text=text),))))
    first = call(bureau, DOWNLOAD)
    assert first.file is not None
    call(bureau, ACKNOWLEDGE, fileName=first.file.name)
    assert (first.code, call(bureau, DOWNLOAD).code) == (3, 0)


def test_filing_passwords_are_verified_and_guessing_is_stopped(bureau: Bureau) -> None:
    filing, _ = publish(bureau)
    held = bureau.library.find("own_subject", 1)
    assert held is not None
    number = filing.subject.number
    assert call(bureau, VERIFY, baxh=number, bamm=held.password).password_matches is True
    assert call(bureau, VERIFY, baxh=f"{number}-1", bamm="wrong").password_matches is False
    codes = [call(bureau, VERIFY, baxh=number, bamm=f"{n}").code for n in range(10)]
    assert codes == [0] * 9 + [22]


def test_refused_calls_are_counted_by_the_minute_and_told_to_the_journal_once(tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []
    store = Store(tmp_path / "bureau.sqlite3")
    bureau = Bureau(store, ACCOUNT, choose_desk("approve"), journal=lambda *what: told.append(what))
    with serve(bureau) as url:
        for _ in range(3):
            with connect(url, password="wrong") as client, pytest.raises(CredentialsRefused):
                client.query_previous()
        lines = store.list_refusals(10)
    # A minute may end between two of the calls: then there are two lines, and the journal heard twice.
    assert {line[1:3] for line in lines} == {("isp_querypreviousupload", "5")} == set(told)
    assert sum(line[3] for line in lines) == 3
    assert len(told) == len(lines)
