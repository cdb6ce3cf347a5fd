"""The referral form for people without a system of their own: what is asked on which page, what the
answers mean to the form that intake takes, and how far somebody is. Pure."""
