"""Advice that is asked before, or instead of, a referral: no names needed, and none kept."""
