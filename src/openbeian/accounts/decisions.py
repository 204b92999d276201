"""Who may do what: the kinds of organisation, the roles each can give, the permissions each role carries."""

from __future__ import annotations

from collections.abc import Iterable

from openbeian.accounts.errors import RolesUnfit
from openbeian.kernel.text import Text

ORGANISATION_KINDS: dict[str, Text] = {
    "owner": Text("主办单位", "Site owner"),
    "agency": Text("代办机构", "Agency"),
    "access_provider": Text("接入服务商", "Access provider"),
    "administration": Text("通信管理局", "Administration"),
    "operator": Text("平台运营方", "Operator of this installation"),
}

ROLES: dict[str, Text] = {
    "applicant": Text("申请人", "Applicant"),
    "agent": Text("代办员", "Agent"),
    "first_reviewer": Text("初审员", "First reviewer"),
    "officer": Text("管局审核员", "Officer"),
    "inspector": Text("检查员", "Inspector"),
    "auditor": Text("审计员", "Auditor"),
    "administrator": Text("管理员", "Administrator"),
}

# Which roles an organisation can give: an agency has no officers, an administration files nothing.
ROLES_OF_KIND: dict[str, tuple[str, ...]] = {
    "owner": ("applicant", "auditor", "administrator"),
    "agency": ("agent", "auditor", "administrator"),
    "access_provider": ("first_reviewer", "agent", "auditor", "administrator"),
    "administration": ("officer", "inspector", "auditor", "administrator"),
    "operator": ("auditor", "administrator"),
}

_FILE = frozenset(
    {"case.write", "case.read", "record.read", "document.write", "personal.reveal", "import.run", "finding.write"}
)

PERMISSIONS: dict[str, frozenset[str]] = {
    "applicant": _FILE,
    "agent": _FILE,
    "first_reviewer": frozenset(
        {"case.read", "case.review", "record.read", "personal.reveal", "finding.decide", "interface.read"}
    ),
    "officer": frozenset(
        {"case.read", "case.decide", "record.read", "personal.reveal", "finding.decide", "inspection.draw"}
    ),
    "inspector": frozenset({"case.read", "record.read", "personal.reveal", "finding.decide", "inspection.conduct"}),
    "auditor": frozenset({"case.read", "record.read", "journal.read", "interface.read"}),
    "administrator": frozenset(
        {
            "organisation.manage",
            "provider.manage",
            "policy.manage",
            "journal.read",
            "case.read",
            "record.read",
            "finding.decide",
            "interface.read",
            "interface.manage",
        }
    ),
}

EVERY_PERMISSION: frozenset[str] = frozenset().union(*PERMISSIONS.values()) | {"installation.manage"}


def permissions_of(roles: Iterable[str], *, runs_installation: bool = False) -> frozenset[str]:
    """All that these roles may do; who runs the installation may manage it, but sees nobody's records by that."""
    granted = frozenset().union(*(PERMISSIONS[role] for role in roles if role in PERMISSIONS))
    return granted | {"installation.manage"} if runs_installation else granted


def check_roles_fit(kind: str, roles: Iterable[str]) -> None:
    """An organisation gives only the roles of its kind. Raises: RolesUnfit."""
    unfit = [r for r in roles if r not in ROLES_OF_KIND.get(kind, ())]
    if unfit or not list(roles):
        allowed = "、".join(ROLES[r].zh for r in ROLES_OF_KIND.get(kind, ()))
        raise RolesUnfit(allowed=allowed)
