"""A mail catcher: an SMTP server that keeps everything, and pages to read it."""
