"""Refusals about people and their rights."""

from __future__ import annotations

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class RolesUnfit(OpenBeianError):
    code = "roles_unfit"
    message = Text(
        "该类机构可选的角色为：{allowed}。请至少选择一项。",
        "Organisations of this kind can give these roles: {allowed}. Choose at least one.",
    )


class InvitationUnusable(OpenBeianError):
    code = "invitation_unusable"
    status = 410
    message = Text(
        "邀请链接已失效、已使用或已撤回。请让对方重新发送邀请。",
        "This invitation has expired, was used or was withdrawn. Ask for a new one.",
    )


class AlreadyInstalled(OpenBeianError):
    code = "already_installed"
    status = 409
    message = Text("系统已有管理员。请直接登录。", "This installation already has an administrator. Sign in.")


class NameTaken(OpenBeianError):
    code = "name_taken"
    status = 409
    message = Text("「{name}」已被使用。请换一个。", "“{name}” is taken. Choose another.")


class LastAdministrator(OpenBeianError):
    code = "last_administrator"
    status = 409
    message = Text(
        "这是本单位最后一名管理员，请先指定另一名管理员。",
        "This is the organisation's last administrator. Appoint another one first.",
    )


class PasswordWeak(OpenBeianError):
    code = "password_weak"
    message = Text("密码不够安全。", "The password is not strong enough.")


class NotFound(OpenBeianError):
    code = "account_not_found"
    status = 404
    message = Text("没有这条记录，或您无权查看。", "There is no such record, or it is not yours to see.")


class AlreadyMember(OpenBeianError):
    code = "already_member"
    status = 409
    message = Text(
        "{email} 已是「{organisation}」的成员。如已停用，请在成员列表中启用。",
        "{email} already belongs to “{organisation}”. If deactivated, reactivate them in the list of members.",
    )


class AlreadyInvited(OpenBeianError):
    code = "already_invited"
    status = 409
    message = Text(
        "{email} 已有一份未处理的邀请。请在邀请列表中重新发送。",
        "{email} already has an open invitation. Send that one again from the list.",
    )


class InvitationForAnother(OpenBeianError):
    code = "invitation_for_another"
    status = 403
    message = Text(
        "这份邀请发给 {email}。请退出后用该邮箱登录。",
        "This invitation is for {email}. Sign out and sign in with that address.",
    )


class SignInFirst(OpenBeianError):
    code = "sign_in_first"
    status = 409
    message = Text("{email} 已有账号。请先登录，再接受邀请。", "{email} already has an account. Sign in, then accept.")


class OrganisationUnfit(OpenBeianError):
    code = "organisation_unfit"
    message = Text("单位信息有误。", "Something about the organisation is wrong.")


class ValueMissing(OpenBeianError):
    code = "value_missing"
    message = Text("有必填项未填写。", "Something required is missing.")


class TokenLifetime(OpenBeianError):
    code = "token_lifetime"
    message = Text("令牌有效期须为 1 至 {longest} 天。请重新选择。", "A token lives 1 to {longest} days. Choose again.")


class ActorUnknown(OpenBeianError):
    code = "actor_unknown"
    message = Text(
        "没有这位在用的成员（{who}）。请核对 --as 后的登录邮箱和 --organisation 后的单位名称。",
        "There is no such active member ({who}). Check the address after --as and the name after --organisation.",
    )


class ActorNotClear(OpenBeianError):
    code = "actor_not_clear"
    message = Text(
        "以谁的名义？这里有多位成员或多个单位（{who}）。请写 --as 登录邮箱，属于多个单位的再写 --organisation 单位名称；"
        "也可设环境变量 OPENBEIAN_AS、OPENBEIAN_ORGANISATION。",
        "In whose name? There are several members or organisations ({who}). Give --as EMAIL, and --organisation NAME "
        "where they have several; or set OPENBEIAN_AS and OPENBEIAN_ORGANISATION.",
    )


class PasswordAbsent(OpenBeianError):
    code = "password_absent"
    status = 409
    message = Text(
        "这个账号没有密码（演示账号一键登录），无从修改。需要密码的，请管理员在服务器上生成密码链接。",
        "This account has no password to change (the demonstration signs in by one click). "
        "For a password, ask the administrator to make a password link on the server.",
    )
