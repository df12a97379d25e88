"""What is published: tables, workbooks, and the ledger's entry."""
