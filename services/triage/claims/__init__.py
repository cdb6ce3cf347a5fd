"""Who is reading which referral, and until when. What may be claimed is decided in
`services.triage.domain.claiming`."""
