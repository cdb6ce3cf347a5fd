"""What people without a system of their own send through the console's pages (record 48)."""
