"""The lead professional's part: contact, assessment, plan, meetings and reviews, and closing."""
