"""What comes back from mails: tokens, opens and clicks, opt-outs, webhooks."""
