"""A pack as a page that a council could publish: plain language, one file, no script, prints well."""

from policy.publishing.page import page_of

__all__ = ["page_of"]
