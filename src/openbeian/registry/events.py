"""Facts that the record keeps."""

from __future__ import annotations

from openbeian.journal.events import event

SponsorRecorded = event(
    "sponsor.recorded", "主体备案入库，分配备案号", "A sponsor was recorded and its number allotted"
)
SponsorChanged = event("sponsor.changed", "主体信息变更", "A sponsor was changed")
SponsorConfirmed = event("sponsor.confirmed", "主体信息复核确认", "A sponsor was re-confirmed")
SponsorCancelled = event("sponsor.cancelled", "注销主体", "A sponsor was cancelled")
SponsorBecameShell = event("sponsor.became_shell", "主体成为空壳（无服务）", "A sponsor lost its last service")
SponsorActiveAgain = event("sponsor.active_again", "空壳主体恢复正常", "A shell sponsor has a service again")
ServiceRecorded = event(
    "service.recorded", "服务备案入库，分配服务号", "A service was recorded and its number allotted"
)
ServiceChanged = event("service.changed", "服务信息变更", "A service was changed")
ServiceCancelled = event("service.cancelled", "注销服务", "A service was cancelled")
ServiceBecameShell = event("service.became_shell", "服务成为空壳（无接入）", "A service lost its last access")
ServiceActiveAgain = event("service.active_again", "空壳服务恢复正常", "A shell service has an access again")
AccessRecorded = event("access.recorded", "接入入库", "An access was recorded")
AccessChanged = event("access.changed", "接入信息变更", "An access was changed")
AccessCancelled = event("access.cancelled", "取消接入", "An access was cancelled")
ProviderRegistered = event("provider.registered", "登记服务商", "A provider was registered")
ProviderChanged = event("provider.changed", "变更服务商登记", "A provider's entry was changed")
RecordRevealed = event("record.revealed", "查看了个人信息原文", "Personal data on record was revealed")
SponsorTakenOver = event(
    "sponsor.taken_over", "认领已有的主体备案", "A sponsor that already had its number was taken over"
)
ServiceTakenOver = event(
    "service.taken_over", "认领已有的服务备案", "A service that already had its number was taken over"
)
PortfolioImported = event("portfolio.imported", "导入备案清单", "A portfolio was imported")
LicenceRecorded = event("licence.recorded", "许可证入库", "A licence was recorded")
LicenceChanged = event("licence.changed", "许可证信息变更", "A licence was changed")
LicenceGranted = event("licence.granted", "准予许可，许可证入库", "A licence was granted and recorded")
LicenceRenewed = event("licence.renewed", "许可证准予延续", "A licence was renewed")
LicenceDeemedRenewed = event(
    "licence.deemed_renewed",
    "逾期未作决定，许可证视为准予延续",
    "A licence counts as renewed, the authority being silent",
)
LicenceReplaced = event("licence.replaced", "准予补办许可证", "A lost licence is replaced")
LicenceCancelled = event("licence.cancelled", "许可证注销", "A licence was cancelled")
LicencePaperObtained = event("licence.paper_obtained", "领到许可证", "The paper of a licence was obtained")
NumberResourceRecorded = event("number_resource.recorded", "码号资源入库", "A number resource was recorded")
BlacklistNoted = event("blacklist.noted", "收到管局黑名单", "An administration's blacklist was taken in")
