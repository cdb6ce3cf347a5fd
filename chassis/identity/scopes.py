"""What a partner's client may be allowed to do. A client has scopes; a token may ask for fewer."""

REFERRAL_CREATE = "referral.create"
REFERRAL_READ = "referral.read"
CASE_LEAD = "case.lead"
CALLBACK_MANAGE = "callback.manage"
CASE_SYSTEM = "case.system"
"""An authority's own case system: what it takes over and tells back. No partner is given it."""

SCOPES = {
    REFERRAL_CREATE: "Send referrals, further information, withdrawals and disagreements.",
    REFERRAL_READ: "Read the status of its own organisation's referrals.",
    CASE_LEAD: "Answer for its own organisation's workers who are asked to lead, and say what they do.",
    CALLBACK_MANAGE: "Say where the organisation's systems are called when something changes.",
}
