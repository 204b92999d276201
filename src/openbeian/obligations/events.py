"""Facts that obligations record. Computing is no fact: it can be done again."""

from __future__ import annotations

from openbeian.journal.events import event

ObligationWaived = event("obligation.waived", "豁免一项义务", "An obligation was waived")
ObligationSettledByEvidence = event("obligation.done", "办结一项义务", "An obligation was done")
PersonPutInCharge = event("record.put_in_charge", "指定责任人", "A person was put in charge of what a record owes")
LeadTimesSet = event("lead_times.set", "调整提醒提前天数", "Lead times were set")
