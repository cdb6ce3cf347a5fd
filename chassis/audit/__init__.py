"""The audit trail: who did and who saw what, in the transaction in which it happened, chained by
hash so that a later change shows."""

from chassis.audit.entries import AuditEntry, read_for
from chassis.audit.sealing import Sealer, Verification, verify
from chassis.audit.writing import append, note_list_read

__all__ = ["AuditEntry", "Sealer", "Verification", "append", "note_list_read", "read_for", "verify"]
