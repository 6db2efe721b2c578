"""What holds for all campaigns: how often one person is written to, and which addresses get nothing."""
