"""The board's sessions and the accounts of those who look after them."""
