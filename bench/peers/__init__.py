"""What Frontdoor is compared with: others doing the same work in the same run."""
