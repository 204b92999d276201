"""Facts about organisations, people, invitations and tokens."""

from __future__ import annotations

from openbeian.journal.events import event

InstallationStarted = event(
    "installation.started", "系统启用，创建首位管理员", "The installation was set up with its first administrator"
)
OrganisationCreated = event("organisation.created", "创建单位", "An organisation was created")
OrganisationChanged = event("organisation.changed", "修改单位信息", "An organisation was changed")
PersonInvited = event("invitation.sent", "发出成员邀请", "A person was invited")
InvitationResent = event(
    "invitation.resent", "重新发出邀请，旧链接作废", "An invitation was sent again with a new link"
)
InvitationRevoked = event("invitation.revoked", "撤回邀请", "An invitation was withdrawn")
PersonJoined = event("member.joined", "接受邀请，加入单位", "A person accepted an invitation and joined")
MemberChanged = event("member.changed", "调整成员角色或状态", "A member's roles or state were changed")
PersonChanged = event("person.changed", "修改个人资料", "A person changed their own details")
PersonSignedIn = event("person.signed_in", "登录", "A person signed in")
PasswordChanged = event("person.password_changed", "修改密码", "A person changed their password")
ResetLinkMade = event("person.reset_link_made", "在服务器上生成密码重置链接", "A reset link was made on the server")
OtherSessionsEnded = event("person.sessions_ended", "退出其他设备", "A person signed out everywhere else")
TokenIssued = event("token.issued", "创建接口令牌", "An API token was issued")
TokenRevoked = event("token.revoked", "吊销接口令牌", "An API token was revoked")
