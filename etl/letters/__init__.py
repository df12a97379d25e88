"""What mails say: receipts, digests, alerts, in both languages."""
