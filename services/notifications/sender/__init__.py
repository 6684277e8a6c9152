"""Sending: claim, converse, settle. A letter leaves at most once without a person's decision."""
