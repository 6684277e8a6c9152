"""Letters: decided and written here, sent elsewhere. One folder per letter, one template for all languages."""
