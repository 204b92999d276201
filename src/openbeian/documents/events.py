"""Facts that the documents package keeps."""

from __future__ import annotations

from openbeian.journal.events import event

DocumentStored = event("document.stored", "上传了文件", "A document was uploaded")
DocumentRemoved = event("document.removed", "移除了文件", "A document was removed")
DocumentsKept = event("documents.kept", "提交时固定了文件证据", "Documents were kept as evidence")
ExtractIssued = event("extract.issued", "出具了备案记录摘录", "An extract of the record was issued")
PaperIssued = event("paper.issued", "出具了带签名的文书", "A signed paper was issued")
