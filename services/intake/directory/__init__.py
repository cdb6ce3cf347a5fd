"""Local services that a family may be pointed to, from a directory in Open Referral UK's form."""
